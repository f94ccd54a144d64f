import { type DnsAnswer, type DnsRecord, type QueryOptions, type RecordType, type Resolver, traceDns } from '@mox/dns';
import type { TraceDns } from '@mox/runtime';

/** Limits of RFC 7208 §4.6.4. */
export interface SpfLimits {
  /** Terms that cause DNS queries: 10. */
  readonly lookups: number;
  /** Queries without an answer: 2. */
  readonly voidLookups: number;
  /** Names of one `mx` or `ptr` whose addresses are looked up: 10. */
  readonly names: number;
}

/** What `checkHost` needs. A limit on the time is the signal's: RFC 7208 §4.6.4 wants at least 20 seconds. */
export interface SpfDeps {
  readonly resolver: Resolver;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<SpfLimits>;
}

/** The limits as the RFC has them. */
export const defaultLimits: SpfLimits = { lookups: 10, voidLookups: 2, names: 10 };

/** Ends an evaluation; caught in `checkHost` alone. */
export class SpfStop extends Error {
  readonly status: 'temperror' | 'permerror';

  constructor(status: 'temperror' | 'permerror', problem: string) {
    super(problem);
    this.status = status;
  }
}

const voidStatuses: ReadonlySet<string> = new Set(['nodata', 'nxdomain', 'malformed-name']);

/** What there is to say of an answer: records, nothing, or a failure that ends the evaluation. */
export function answerKind(answer: DnsAnswer<RecordType>): 'records' | 'void' | 'failure' {
  if (answer.status === 'ok' && answer.security !== 'bogus') return 'records';
  return voidStatuses.has(answer.status) ? 'void' : 'failure';
}

/** Whether a text has characters of ASCII alone. */
export function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}

/** The DNS queries of one check: asked, counted against the limits (RFC 7208 §4.6.4), and kept for the trace. */
export class SpfQueries {
  readonly limits: SpfLimits;
  readonly #deps: SpfDeps;
  /** Terms so far that caused queries. */
  lookups = 0;
  /** Whether every answer was DNSSEC-validated. */
  authentic = true;
  /** The shortest time that an answer holds. */
  ttlSeconds: number = Number.POSITIVE_INFINITY;
  #voidLookups = 0;
  #unlimited = false;
  /** Queries of the step that is being taken. */
  #dns: TraceDns[] = [];

  constructor(deps: SpfDeps) {
    this.#deps = deps;
    this.limits = { ...defaultLimits, ...deps.limits };
  }

  /** What comes now is for the explanation, after the evaluation: it is not counted. */
  stopCounting(): void {
    this.#unlimited = true;
  }

  /** The queries since the last call, as a part of a trace step. */
  takeDns(): { readonly dns?: readonly TraceDns[] } {
    if (this.#dns.length === 0) return {};
    const dns = this.#dns;
    this.#dns = [];
    return { dns };
  }

  async ask<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
    const options: QueryOptions = this.#deps.signal ? { signal: this.#deps.signal } : {};
    const answer = await this.#deps.resolver.query(name, type, options);
    this.#dns.push(traceDns(name, type, answer));
    this.ttlSeconds = Math.min(this.ttlSeconds, answer.ttlSeconds);
    if (answer.security !== 'secure') this.authentic = false;
    return answer;
  }

  /** Records for a mechanism: none counts as a void lookup, a failure ends the check (RFC 7208 §5). */
  async lookup<T extends RecordType>(name: string, type: T): Promise<readonly DnsRecord<T>[]> {
    // A localpart beyond ASCII in a macro matches nothing (RFC 8616 §4).
    if (!isAscii(name)) return [];
    const answer = await this.ask(name, type);
    const kind = answerKind(answer);
    if (kind === 'records') return answer.records;
    if (kind === 'failure') throw lookupFailed(name, type, answer);
    this.countVoidLookup();
    return [];
  }

  /** A term that causes queries is evaluated. */
  countLookup(): void {
    if (++this.lookups > this.limits.lookups) throw new SpfStop('permerror', `more than ${this.limits.lookups} terms need DNS lookups`);
  }

  /** A query found nothing. */
  countVoidLookup(): void {
    if (!this.#unlimited && ++this.#voidLookups > this.limits.voidLookups) {
      throw new SpfStop('permerror', `more than ${this.limits.voidLookups} lookups found nothing`);
    }
  }
}

/** A query that got no usable answer. */
export function lookupFailed(name: string, type: RecordType, answer: DnsAnswer<RecordType>): SpfStop {
  return new SpfStop('temperror', `looking up ${type} of ${name}: ${answer.problem ?? answer.status}`);
}
