import type { Clock } from '@mox/runtime';
import { answerSizeBytes } from './answer-size.ts';
import { normalizeName, parentName } from './name.ts';
import { isFailedAnswer } from './negative-answer.ts';
import type { RecordType } from './record.ts';
import type { DnsAnswer, DnsRecord, QueryOptions, Resolver } from './resolver.ts';
import { SharedQueries } from './shared-queries.ts';

/** Bounds of a `CachingResolver`. */
export interface CacheOptions {
  readonly clock: Clock;
  /** Answers kept; 20,000 unless told. The one that was used least lately goes first. */
  readonly entryLimit?: number;
  /** Memory of all answers kept, about; 32 MiB unless told. */
  readonly sizeLimitBytes?: number;
  /** The longest that records are kept; a day unless told. */
  readonly ttlLimitSeconds?: number;
  /** The longest that `nodata` and `nxdomain` are kept; an hour unless told, RFC 2308 §5 has up to three. */
  readonly negativeTtlLimitSeconds?: number;
  /** How long a failure is kept, so that a broken zone is not asked again and again (RFC 2308 §7): 5 seconds unless told, at most 300. */
  readonly failureTtlSeconds?: number;
}

interface Entry {
  readonly answer: DnsAnswer;
  readonly storedAt: number;
  readonly expiresAt: number;
  readonly sizeBytes: number;
}

const unanswerable: DnsAnswer<never> = { status: 'malformed-name', security: 'indeterminate', records: [], aliases: [], ttlSeconds: 0 };

/**
 * Keeps the answers of another resolver as long as they may be kept, and asks it once for equal questions in flight
 * (RFC 1035 §7.4, RFC 2308 §5). Times to live are counted down in what it gives.
 */
export class CachingResolver implements Resolver {
  readonly #resolver: Resolver;
  readonly #options: Required<CacheOptions>;
  readonly #entries = new Map<string, Entry>();
  readonly #shared = new SharedQueries();
  #sizeBytes = 0;

  constructor(resolver: Resolver, options: CacheOptions) {
    this.#resolver = resolver;
    this.#options = {
      entryLimit: 20_000,
      sizeLimitBytes: 32 * 1024 * 1024,
      ttlLimitSeconds: 86_400,
      negativeTtlLimitSeconds: 3600,
      ...options,
      failureTtlSeconds: Math.min(options.failureTtlSeconds ?? 5, 300),
    };
  }

  /** Answers kept at the moment, expired ones that nobody asked for among them. */
  get entryCount(): number {
    return this.#entries.size;
  }

  /** Memory of the answers kept, about. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
    this.#sizeBytes = 0;
  }

  async query<T extends RecordType>(question: string, type: T, options: QueryOptions = {}): Promise<DnsAnswer<T>> {
    options.signal?.throwIfAborted();
    const name = normalizeName(question);
    if (name === undefined) return unanswerable;
    const key = `${name} ${type}`;
    const kept = this.#find(key) ?? this.#findDenial(name);
    if (kept) return kept as unknown as DnsAnswer<T>;
    return this.#shared.run(key, options.signal, async (signal) => {
      const answer = await this.#resolver.query(name, type, { signal });
      this.#store(name, type, answer);
      return answer;
    });
  }

  #find(key: string): DnsAnswer | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const now = this.#options.clock.now();
    this.#remove(key, entry);
    // A clock that was set back must not make an answer live longer.
    if (now >= entry.expiresAt || now < entry.storedAt) return undefined;
    this.#entries.set(key, entry);
    this.#sizeBytes += entry.sizeBytes;
    return aged(entry.answer, Math.floor((now - entry.storedAt) / 1000));
  }

  /** RFC 2308 §5: no such name denies every type. RFC 8020 §2: and all names below; believed of validated answers alone. */
  #findDenial(name: string): DnsAnswer | undefined {
    const denied = this.#find(`${name} *`);
    if (denied) return denied;
    for (let parent = parentName(name); parent !== undefined && parent !== ''; parent = parentName(parent)) {
      const above = this.#find(`${parent} *`);
      if (above?.security === 'secure') return above;
    }
    return undefined;
  }

  #keptSeconds(answer: DnsAnswer): number {
    const { ttlLimitSeconds, negativeTtlLimitSeconds, failureTtlSeconds } = this.#options;
    // RFC 4035 §4.7: what is bogus is kept no longer than a failure, whatever its time to live: that may be forged too.
    if (isFailedAnswer(answer)) return Math.max(failureTtlSeconds, Math.min(answer.ttlSeconds, 300));
    if (answer.status === 'ok') return Math.min(answer.ttlSeconds, ttlLimitSeconds);
    return Math.min(answer.ttlSeconds, negativeTtlLimitSeconds);
  }

  #store(name: string, type: RecordType, answer: DnsAnswer): void {
    const seconds = this.#keptSeconds(answer);
    if (!(seconds > 0)) return;
    const storedAt = this.#options.clock.now();
    // A forged "no such name" says nothing of other types, and an alias is there though its target may not be.
    const denies = answer.status === 'nxdomain' && answer.security !== 'bogus' && answer.aliases.length === 0;
    const key = `${name} ${denies ? '*' : type}`;
    const entry = { answer, storedAt, expiresAt: storedAt + seconds * 1000, sizeBytes: key.length + answerSizeBytes(answer) };
    const there = this.#entries.get(key);
    if (there) this.#remove(key, there);
    this.#entries.set(key, entry);
    this.#sizeBytes += entry.sizeBytes;
    this.#evict();
  }

  #remove(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#sizeBytes -= entry.sizeBytes;
  }

  #evict(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.#options.entryLimit && this.#sizeBytes <= this.#options.sizeLimitBytes) return;
      this.#remove(key, entry);
    }
  }
}

function aged(answer: DnsAnswer, ageSeconds: number): DnsAnswer {
  if (ageSeconds === 0) return answer;
  const left = (ttlSeconds: number): number => Math.max(0, ttlSeconds - ageSeconds);
  const records = answer.records.map((record): DnsRecord => ({ ...record, ttlSeconds: left(record.ttlSeconds) }));
  return { ...answer, records, ttlSeconds: left(answer.ttlSeconds) };
}
