import { unwrap } from '@mox/syntax';
import type { RecordType } from './record.ts';
import type { RecordedAnswer } from './recording.ts';
import type { DnsAnswer, DnsRecord, DnsStatus, DnssecStatus, QueryOptions, Resolver } from './resolver.ts';
import { parseZone, type ZoneRecord } from './zone-text.ts';

export { formatRecording, parseRecording, type RecordedAnswer } from './recording.ts';
export { parseZone, type ZoneRecord } from './zone-text.ts';

/** What a `ZoneResolver` is told beside its zone. Names are A-labels in lower case without the last dot. */
export interface ZoneResolverOptions {
  /** DNSSEC status of every answer; `insecure` unless told. */
  readonly security?: DnssecStatus;
  /** DNSSEC status of the answers for single names. */
  readonly securityOf?: Readonly<Record<string, DnssecStatus>>;
  /** Names, or `name TYPE`, that fail, and how. */
  readonly failures?: Readonly<Record<string, Exclude<DnsStatus, 'ok' | 'nodata' | 'nxdomain'>>>;
}

const longestAliasChain = 8;

/** A resolver that answers from zone text: for tests and examples. It counts and keeps the questions it was asked. */
export class ZoneResolver implements Resolver {
  /** Questions in the order they came, as `name TYPE`. */
  readonly questions: string[] = [];
  readonly #records = new Map<string, ZoneRecord[]>();
  readonly #options: ZoneResolverOptions;

  /** Throws a TypeError where the zone text cannot be read: it is the program's own. */
  constructor(zone: string | readonly ZoneRecord[], options: ZoneResolverOptions = {}) {
    this.#options = options;
    for (const record of typeof zone === 'string' ? unwrap(parseZone(zone)) : zone) {
      const there = this.#records.get(record.name);
      if (there) there.push(record);
      else this.#records.set(record.name, [record]);
    }
  }

  #exists(name: string): boolean {
    if (this.#records.has(name)) return true;
    for (const owner of this.#records.keys()) if (owner.endsWith(`.${name}`)) return true;
    return false;
  }

  #failure(name: string, type: RecordType): DnsStatus | undefined {
    if (name !== '' && !name.split('.').every((label) => label.length > 0 && label.length <= 63)) return 'malformed-name';
    if (name.length > 253) return 'malformed-name';
    return this.#options.failures?.[`${name} ${type}`] ?? this.#options.failures?.[name];
  }

  #security(name: string): DnssecStatus {
    return this.#options.securityOf?.[name] ?? this.#options.security ?? 'insecure';
  }

  async query<T extends RecordType>(question: string, type: T, options: QueryOptions = {}): Promise<DnsAnswer<T>> {
    options.signal?.throwIfAborted();
    let name = question.toLowerCase().replace(/\.$/, '');
    this.questions.push(`${name} ${type}`);
    const aliases: string[] = [];
    let security = this.#security(name);
    for (;;) {
      const none = { security, records: [], aliases, ttlSeconds: 0 };
      const failure = this.#failure(name, type) ?? (aliases.length > longestAliasChain ? 'servfail' : undefined);
      if (failure) return { ...none, status: failure };
      const owned = this.#records.get(name) ?? [];
      const records = owned.filter((record) => record.type === type) as unknown as DnsRecord<T>[];
      if (records.length > 0) {
        return { ...none, status: 'ok', records, ttlSeconds: Math.min(...records.map((record) => record.ttlSeconds)) };
      }
      const alias = owned.find((record) => record.type === 'CNAME');
      if (!alias) return { ...none, status: this.#exists(name) ? 'nodata' : 'nxdomain' };
      name = alias.data;
      aliases.push(name);
      // A chain of aliases is as secure as its weakest link.
      if (security === 'secure') security = this.#security(name);
    }
  }
}

/** Passes questions on to another resolver and keeps what came back. */
export class RecordingResolver implements Resolver {
  readonly recorded: RecordedAnswer[] = [];
  readonly #resolver: Resolver;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  async query<T extends RecordType>(name: string, type: T, options?: QueryOptions): Promise<DnsAnswer<T>> {
    const answer = await this.#resolver.query(name, type, options);
    this.recorded.push({ name, type, answer });
    return answer;
  }
}

/** Answers from a recording, by name and type; a question that was not recorded times out. */
export class ReplayingResolver implements Resolver {
  readonly #answers: Map<string, DnsAnswer>;

  constructor(recorded: readonly RecordedAnswer[]) {
    this.#answers = new Map(recorded.map(({ name, type, answer }) => [`${name.toLowerCase()} ${type}`, answer]));
  }

  async query<T extends RecordType>(name: string, type: T, options: QueryOptions = {}): Promise<DnsAnswer<T>> {
    options.signal?.throwIfAborted();
    const answer = this.#answers.get(`${name.toLowerCase()} ${type}`);
    if (answer) return answer as unknown as DnsAnswer<T>;
    return { status: 'timeout', security: 'indeterminate', records: [], aliases: [], ttlSeconds: 0, problem: 'not recorded' };
  }
}
