import {
  type DnsAnswer,
  type DnsRecord,
  describeFailure,
  isFailedAnswer,
  isNegativeAnswer,
  type QueryOptions,
  type RecordType,
  type Resolver,
  traceDns,
} from '@mox/dns';
import type { TraceDns } from '@mox/runtime';
import { countLabels } from './target-name.ts';

/** Limits of RFC 7208 §4.6.4. */
export interface SpfLimits {
  /** Terms that cause DNS queries: 10. */
  readonly lookups: number;
  /** Terms with a query that finds nothing: 2. */
  readonly voidLookups: number;
  /** Names of one `mx` or `ptr` whose addresses are looked up: 10. */
  readonly names: number;
}

/** What `checkHost` needs. A limit on the time is the signal's: RFC 7208 §4.6.4 wants at least 20 seconds. */
export interface SpfDeps {
  readonly resolver: Resolver;
  /** `AbortSignal.timeout(...)` makes the result a `temperror` (§4.6.4); of any other abort the reason is thrown. */
  readonly signal?: AbortSignal;
  readonly limits?: Partial<SpfLimits>;
}

/** The limits as the RFC has them. */
export const defaultLimits: SpfLimits = { lookups: 10, voidLookups: 2, names: 10 };

/** Why an evaluation ends with an error. */
export interface SpfProblem {
  readonly status: 'temperror' | 'permerror';
  readonly problem: string;
}

/** What there is to say of an answer: records, nothing, or a failure that ends the evaluation. */
export function answerKind(answer: DnsAnswer<RecordType>): 'records' | 'void' | 'failure' {
  if (isFailedAnswer(answer)) return 'failure';
  return isNegativeAnswer(answer) ? 'void' : 'records';
}

const outOfTime: DnsAnswer<never> = {
  status: 'timeout',
  security: 'indeterminate',
  records: [],
  aliases: [],
  ttlSeconds: 0,
  problem: 'the time for the check is over',
};

/** Whether a signal says that the time is over, and not that nobody wants the result any more. */
function isTimeout(signal: AbortSignal): boolean {
  const reason: unknown = signal.aborted ? signal.reason : undefined;
  return reason instanceof Error && reason.name === 'TimeoutError';
}

/** The DNS queries of one check: asked, counted against the limits (RFC 7208 §4.6.4), and kept for the trace. */
export class SpfQueries {
  readonly limits: SpfLimits;
  readonly #resolver: Resolver;
  readonly #signal: AbortSignal | undefined;
  readonly #options: QueryOptions;
  /** Terms so far that caused queries. */
  lookups = 0;
  /** Whether every answer was DNSSEC-validated. */
  authentic = true;
  /** The shortest time that an answer holds. */
  ttlSeconds: number = Number.POSITIVE_INFINITY;
  /** Whether the signal said that the time is over. */
  timedOut = false;
  #voidLookups = 0;
  #termIsVoid = false;
  /** Queries of the step that is being taken. */
  #dns: TraceDns[] | undefined;

  constructor({ resolver, signal, limits }: SpfDeps) {
    this.#resolver = resolver;
    this.#signal = signal;
    this.#options = signal ? { signal } : {};
    this.limits = limits ? { ...defaultLimits, ...limits } : defaultLimits;
  }

  /** The queries since the last call; undefined where there were none. */
  takeDns(): readonly TraceDns[] | undefined {
    const dns = this.#dns;
    this.#dns = undefined;
    return dns;
  }

  /** Sends a question. What comes back is for `note`: a second promise for each question would cost more than all the rest. */
  send<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
    return this.#signal ? this.#sendInTime(this.#signal, name, type) : this.#resolver.query(name, type, this.#options);
  }

  async #sendInTime<T extends RecordType>(signal: AbortSignal, name: string, type: T): Promise<DnsAnswer<T>> {
    try {
      signal.throwIfAborted();
      return await this.#resolver.query(name, type, this.#options);
    } catch (error) {
      if (!isTimeout(signal)) throw error;
      this.timedOut = true;
      return outOfTime;
    }
  }

  /** Keeps the answer to a question that was sent; its records as they are written for a trace, where that has been done. */
  note<T extends RecordType>(name: string, type: T, answer: DnsAnswer<T>, formatted?: readonly string[]): void {
    const dns = traceDns(name, type, answer, formatted);
    if (this.#dns) this.#dns.push(dns);
    else this.#dns = [dns];
    if (answer.ttlSeconds < this.ttlSeconds) this.ttlSeconds = answer.ttlSeconds;
    if (answer.security !== 'secure') this.authentic = false;
  }

  async ask<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<T>> {
    const answer = await this.send(name, type);
    this.note(name, type, answer);
    return answer;
  }

  /** Records for a mechanism: none counts as a void lookup, a failure ends the check (RFC 7208 §5). */
  async lookup<T extends RecordType>(name: string, type: T): Promise<readonly DnsRecord<T>[] | SpfProblem> {
    if (countLabels(name) === 0) return [];
    const answer = await this.ask(name, type);
    const kind = answerKind(answer);
    if (kind === 'failure') return lookupFailed(name, type, answer);
    return kind === 'records' ? answer.records : (this.countVoidLookup() ?? []);
  }

  /** A term that causes queries is evaluated: whether it is one too many. */
  countLookup(): SpfProblem | undefined {
    this.#termIsVoid = false;
    const { lookups } = this.limits;
    if (this.lookups >= lookups) return { status: 'permerror', problem: `more than ${lookups} terms need DNS lookups` };
    this.lookups++;
    return undefined;
  }

  /**
   * A query found nothing: whether its term is one too many of that kind. The limit is on terms (RFC 7208 §4.6.4): an `mx` whose
   * hosts all lack addresses of the client's version is one.
   */
  countVoidLookup(): SpfProblem | undefined {
    if (this.#termIsVoid) return undefined;
    this.#termIsVoid = true;
    const { voidLookups } = this.limits;
    if (++this.#voidLookups <= voidLookups) return undefined;
    return { status: 'permerror', problem: `more than ${voidLookups} lookups found nothing` };
  }
}

/** A query that got no usable answer. */
export function lookupFailed(name: string, type: RecordType, answer: DnsAnswer<RecordType>): SpfProblem {
  return { status: 'temperror', problem: `looking up ${type} of ${name}: ${describeFailure(answer)}` };
}
