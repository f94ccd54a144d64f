import {
  type DnsAnswer,
  type DnsMessage,
  type DnsRecord,
  type DnssecStatus,
  type Exchanger,
  type ExtendedError,
  formatExtendedError,
  formatRcode,
  normalizeName,
  parentName,
  type QueryOptions,
  type RecordType,
  type Resolver,
} from '@mox/dns';
import type { Clock, TraceStep } from '@mox/runtime';
import { type Asking, Exchanges } from './exchanges.ts';
import { LinkJudge, renameBelow, type Verdict } from './judge-link.ts';
import { groupRrsets, type Rrset } from './rrset.ts';
import { rootTrustAnchor, type TrustAnchor } from './trust-anchor.ts';
import { errorCodes } from './verify-rrset.ts';
import { defaultLimits, type ValidationLimits, WorkBudget } from './work-budget.ts';
import { ZoneChain } from './zone-chain.ts';
import type { Failure } from './zone-state.ts';

/** What a `ValidatingResolver` is made with. */
export interface ValidatingResolverOptions extends ValidationLimits {
  /** The resolver behind: it is asked, and not believed. */
  readonly exchanger: Exchanger;
  readonly clock: Clock;
  /** Where chains of trust begin; the keys of the root unless told. A zone of its own, not known to the root, may have one too. */
  readonly trustAnchors?: readonly TrustAnchor[];
  /** Names from which on nothing is expected to be signed, as A-labels: private zones, or zones that are known to be broken. */
  readonly negativeTrustAnchors?: readonly string[];
  /** How far the clock may be wrong when the times of signatures are looked at; 0 unless told. */
  readonly clockSkewSeconds?: number;
  /** Zones and names inside zones that are kept; 10,000 unless told. */
  readonly zoneLimit?: number;
}

/** What has come together on the way from a name to the answer. */
interface Trail {
  security: DnssecStatus;
  ttlSeconds: number;
  readonly aliases: string[];
  readonly steps: Set<TraceStep>;
  readonly errors: ExtendedError[];
}

/** How many labels below the anchor the chain is asked for before anything is known of it: top level domains and what they delegate. */
const guessedDepth = 2;

const strength: readonly DnssecStatus[] = ['bogus', 'indeterminate', 'insecure', 'secure'];

/**
 * Validates answers from a trust anchor on (RFC 4035 §5), whoever brings them: each is proven `secure`, `insecure` or `bogus`, with the
 * chain as `trace` and the reasons as `extendedErrors`. Keys are kept as long as their signatures allow; for answers see `CachingResolver`.
 */
export class ValidatingResolver implements Resolver {
  readonly #clock: Clock;
  readonly #limits: Required<ValidationLimits>;
  readonly #clockSkewSeconds: number;
  readonly #exchanges: Exchanges;
  readonly #chain: ZoneChain;
  readonly #judge: LinkJudge;

  /** Throws a TypeError for a name of an anchor that is none. */
  constructor(options: ValidatingResolverOptions) {
    const {
      exchanger,
      clock,
      trustAnchors = [rootTrustAnchor],
      negativeTrustAnchors = [],
      clockSkewSeconds = 0,
      zoneLimit = 10_000,
    } = options;
    this.#clock = clock;
    this.#limits = pickLimits(options);
    this.#clockSkewSeconds = clockSkewSeconds;
    this.#exchanges = new Exchanges(exchanger);
    this.#chain = new ZoneChain(this.#exchanges, {
      trustAnchors: trustAnchors.map((anchor) => ({ ...anchor, zone: checkName(anchor.zone) })),
      negativeTrustAnchors: negativeTrustAnchors.map(checkName),
      zoneLimit,
    });
    this.#judge = new LinkJudge(this.#chain);
  }

  /** Forgets all keys. */
  clear(): void {
    this.#chain.clear();
  }

  /** Zones, and names inside zones, that are known at the moment. */
  get zoneCount(): number {
    return this.#chain.size;
  }

  async query<T extends RecordType>(question: string, type: T, options: QueryOptions = {}): Promise<DnsAnswer<T>> {
    options.signal?.throwIfAborted();
    const name = normalizeName(question);
    const trail: Trail = { security: 'secure', ttlSeconds: Number.POSITIVE_INFINITY, aliases: [], steps: new Set(), errors: [] };
    if (name === undefined) return failedAnswer(trail, { status: 'malformed-name', problem: 'no domain name' });
    const asking: Asking = {
      budget: new WorkBudget(this.#limits),
      now: this.#clock.now(),
      clockSkewSeconds: this.#clockSkewSeconds,
      ...(options.signal && { signal: options.signal }),
    };
    this.#chain.prepare(name, guessedDepth, asking.now);
    return this.#follow(name, type, trail, asking);
  }

  /** From alias to alias, each judged by itself (RFC 4035 §5.3), in the message that has it or in one of its own. */
  async #follow<T extends RecordType>(question: string, type: T, trail: Trail, asking: Asking): Promise<DnsAnswer<T>> {
    let name = question;
    let asked = '';
    let message: DnsMessage | undefined;
    for (;;) {
      if (!message || !speaksOf(message, name, type)) {
        if (message && asked === name) return failedAnswer(trail, { status: 'servfail', problem: 'a referral, not an answer' });
        const result = await this.#exchanges.ask(name, type, asking);
        if (result.status !== 'message') return failedAnswer(trail, result);
        message = result.message;
        asked = name;
        if (message.rcode !== 0 && message.rcode !== 3) return failedAnswer(trail, rcodeFailure(message.rcode));
      }
      const sets = groupRrsets(message.answers);
      if (type === 'RRSIG') return signatureAnswer(trail, message, name) as DnsAnswer<T>;
      const records = sets.get(`${name} ${type}`);
      const alias = records ? undefined : findAlias(sets, name, type);
      const judged = records ?? alias?.set;
      const verdict = await (judged
        ? this.#judge.judgeRecords(judged, message, asking)
        : this.#judge.judgeAbsence(name, type, message, asking));
      if (verdict.security === 'bogus' && asked !== name) {
        // What came with an alias may leave out what belongs to its end: once more, for the end alone.
        message = undefined;
        continue;
      }
      const stopped = this.#settle<T>(trail, verdict);
      if (stopped) return stopped;
      if (records) return positiveAnswer(trail, records, type);
      if (!alias) return negativeAnswer(trail, message, verdict);
      const fault = this.#step(trail, question, alias.target);
      if (fault !== undefined) return failedAnswer(trail, { status: 'servfail', problem: fault });
      name = trail.aliases.at(-1) ?? name;
    }
  }

  /** Adds a verdict to the trail. An answer where it ends everything. */
  #settle<T extends RecordType>(trail: Trail, verdict: Verdict): DnsAnswer<T> | undefined {
    for (const step of verdict.steps) trail.steps.add(step);
    if (verdict.error) trail.errors.push(verdict.error);
    if (verdict.failure) return failedAnswer(trail, verdict.failure);
    trail.security = strength[Math.min(strength.indexOf(trail.security), strength.indexOf(verdict.security))] ?? 'indeterminate';
    trail.ttlSeconds = Math.min(trail.ttlSeconds, verdict.ttlSeconds);
    return verdict.security === 'bogus' ? bogusAnswer(trail, verdict.error) : undefined;
  }

  /** Goes on to where an alias leads, or tells why not. */
  #step(trail: Trail, question: string, target: string | undefined): string | undefined {
    if (target === undefined) return 'a DNAME record makes the name too long';
    const isKnown = target === question || trail.aliases.includes(target);
    trail.aliases.push(target);
    if (isKnown) return 'aliases go round in a circle';
    return trail.aliases.length > this.#limits.aliasLimit ? `more than ${this.#limits.aliasLimit} aliases` : undefined;
  }
}

function checkName(name: string): string {
  const normalized = normalizeName(name);
  if (normalized === undefined) throw new TypeError(`no domain name of a trust anchor: ${name}`);
  return normalized;
}

function pickLimits(options: ValidationLimits): Required<ValidationLimits> {
  const entries = Object.entries(defaultLimits).map(([name, value]) => [name, options[name as keyof ValidationLimits] ?? value]);
  return Object.fromEntries(entries) as Required<ValidationLimits>;
}

/** Whether a message has anything on a name: records, an alias, or that there is nothing. */
function speaksOf(message: DnsMessage, name: string, type: string): boolean {
  const isOwn = ({ name: question }: { name: string }): boolean => question === name;
  if (message.answers.some((record) => isOwn(record) && (record.type === type || record.type === 'CNAME'))) return true;
  if (findAlias(groupRrsets(message.answers), name, type)) return true;
  return (
    message.rcode === 3 ||
    message.authorities.some((record) => record.type === 'SOA' || record.type === 'NSEC' || record.type === 'NSEC3') ||
    !isReferral(message)
  );
}

function isReferral(message: DnsMessage): boolean {
  return message.authorities.some((record) => record.type === 'NS') || message.answers.length > 0;
}

interface Alias {
  readonly set: Rrset;
  readonly target: string | undefined;
}

/** The alias of a name: its own, or one of a name above it, from which servers derive one without a signature (RFC 6672 §5.3.1). */
function findAlias(sets: ReadonlyMap<string, Rrset>, name: string, type: string): Alias | undefined {
  const own = type === 'CNAME' ? undefined : sets.get(`${name} CNAME`);
  if (own && own.signatures.length > 0) return aliasOf(own, name);
  for (let parent = parentName(name); parent !== undefined; parent = parentName(parent)) {
    const renamed = sets.get(`${parent} DNAME`);
    if (renamed) return aliasOf(renamed, name);
  }
  return own && aliasOf(own, name);
}

function aliasOf(set: Rrset, name: string): Alias {
  const [record] = set.records;
  if (record?.type === 'CNAME') return { set, target: record.data };
  return { set, target: record?.type === 'DNAME' ? renameBelow(name, record.name, record.data) : undefined };
}

function traceOf(trail: Trail): { trace: readonly TraceStep[]; extendedErrors?: readonly ExtendedError[] } {
  return { trace: [...trail.steps], ...(trail.errors.length > 0 && { extendedErrors: trail.errors.slice() }) };
}

function finiteTtl(trail: Trail): number {
  return Number.isFinite(trail.ttlSeconds) ? trail.ttlSeconds : 0;
}

function problemOf(trail: Trail): { problem?: string } {
  return trail.errors.length > 0 ? { problem: [...new Set(trail.errors.map(formatExtendedError))].join('; ') } : {};
}

function positiveAnswer<T extends RecordType>(trail: Trail, set: Rrset, type: T): DnsAnswer<T> {
  const ttlSeconds = finiteTtl(trail);
  const records = set.records.map((record) => {
    const kept = { name: record.name, type, ttlSeconds: Math.min(record.ttlSeconds, ttlSeconds), data: record.data };
    return kept as unknown as DnsRecord<T>;
  });
  return { status: 'ok', security: trail.security, records, aliases: trail.aliases, ttlSeconds, ...problemOf(trail), ...traceOf(trail) };
}

function negativeAnswer<T extends RecordType>(trail: Trail, message: DnsMessage, verdict: Verdict): DnsAnswer<T> {
  const status = verdict.proves ?? (message.rcode === 3 ? 'nxdomain' : 'nodata');
  const answer = { security: trail.security, records: [], aliases: trail.aliases, ttlSeconds: finiteTtl(trail) };
  return { status, ...answer, ...problemOf(trail), ...traceOf(trail) };
}

function bogusAnswer<T extends RecordType>(trail: Trail, error: ExtendedError | undefined): DnsAnswer<T> {
  const problem = formatExtendedError(error ?? { code: errorCodes.bogus, text: '' });
  return { status: 'servfail', security: 'bogus', records: [], aliases: trail.aliases, ttlSeconds: 0, problem, ...traceOf(trail) };
}

function failedAnswer<T extends RecordType>(trail: Trail, { status, problem }: Failure): DnsAnswer<T> {
  return { status, security: 'indeterminate', records: [], aliases: trail.aliases, ttlSeconds: 0, problem, ...traceOf(trail) };
}

function rcodeFailure(rcode: number): Failure {
  return { status: rcode === 5 ? 'refused' : 'servfail', problem: `the resolver behind says ${formatRcode(rcode)}` };
}

/** Signatures are not signed (RFC 4035 §2.2): nobody can tell whether they are all there. */
function signatureAnswer(trail: Trail, message: DnsMessage, name: string): DnsAnswer<'RRSIG'> {
  const records = message.answers.flatMap((record) => {
    if (record.type !== 'RRSIG' || record.name !== name) return [];
    const { canonicalData: _, ...kept } = record;
    return [kept];
  });
  const ttlSeconds = Math.min(0, ...records.map((record) => record.ttlSeconds));
  const status = records.length > 0 ? 'ok' : message.rcode === 3 ? 'nxdomain' : 'nodata';
  const problem = 'signatures are not signed themselves';
  return { status, security: 'indeterminate', records, aliases: trail.aliases, ttlSeconds, problem, ...traceOf(trail) };
}
