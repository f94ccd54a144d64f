import type { Trace, TraceStep } from '@mox/runtime';
import { type IpAddress, parseIp, unmapIp } from '@mox/syntax';
import { type Evaluation, SpfEvaluator, type SpfStatus } from './evaluation.ts';
import { type SpfDeps, SpfQueries } from './queries.ts';
import { asciiDomain, SpfClient, type SpfSubject } from './spf-client.ts';

/** What `checkHost` is asked about (RFC 7208 §4.1). */
export interface CheckHostInput {
  /** The client's address. */
  readonly ip: string | IpAddress;
  /** The domain whose record is looked up, as A-labels. */
  readonly domain: string;
  /** The "MAIL FROM" or "HELO" identity, `localpart@domain`; without a localpart, `postmaster` (§4.3). */
  readonly sender: string;
  /** What the client said in HELO or EHLO, for the macro `h`. */
  readonly helo?: string;
  /** Name of the receiving server, for the macro `r`; `unknown` without it. */
  readonly receiver?: string;
  /** Time of the check in milliseconds, for the macro `t`. */
  readonly now?: number;
}

/** What came out, and why. */
export interface SpfResult {
  readonly status: SpfStatus;
  /** The domain that was checked, and the one whose record decided: the same unless there was a `redirect`. */
  readonly domain: string;
  readonly recordDomain: string;
  /** The mechanism that matched, as published; `default` where none did (RFC 7208 §9.1). */
  readonly mechanism?: string;
  /** What the domain says about a `fail` (RFC 7208 §6.2). A third party's words: do not pass them on as your own. */
  readonly explanation?: string;
  /** What is wrong, for `temperror` and `permerror`. */
  readonly problem?: string;
  /** Terms that caused DNS queries, out of the limit. */
  readonly lookups: number;
  /** Whether every DNS answer used was DNSSEC-validated. */
  readonly authentic: boolean;
  /** How long the result holds for this domain and address, in seconds; 0 where macros make it depend on more (RFC 7208 §7.3). */
  readonly ttlSeconds: number;
  readonly trace: Trace;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type Facts = Omit<CheckHostInput, 'domain' | 'sender'>;

interface Identity {
  readonly domain: string;
  readonly sender: string;
  readonly identity?: CheckSpfResult['identity'];
}

function subjectOf(facts: Facts, sender: string): SpfSubject {
  const ip = typeof facts.ip === 'string' ? parseIp(facts.ip) : facts.ip;
  if (!ip) throw new TypeError(`not an IP address: ${JSON.stringify(facts.ip)}`);
  return {
    // An IPv4-mapped address is the IPv4 address inside (RFC 7208 §5).
    ip: unmapIp(ip),
    sender,
    helo: facts.helo ?? 'unknown',
    receiver: facts.receiver ?? 'unknown',
    nowSeconds: Math.floor((facts.now ?? 0) / 1000),
  };
}

/** Time that ran out counts even where a failure alone would not, as in `ptr` (RFC 7208 §4.6.4). */
function inTime(evaluation: Evaluation, { timedOut }: SpfQueries): Evaluation {
  if (!timedOut || evaluation.status === 'temperror') return evaluation;
  return { status: 'temperror', recordDomain: evaluation.recordDomain, problem: 'the time for the check is over' };
}

/** The result of both functions: `checkSpf` says which identity it was. */
type Checked = SpfResult & Partial<Pick<CheckSpfResult, 'identity'>>;

async function check(facts: Facts, { domain: given, sender, identity }: Identity, deps: SpfDeps): Promise<Checked> {
  const subject = subjectOf(facts, sender);
  const queries = new SpfQueries(deps);
  const evaluator = new SpfEvaluator(new SpfClient(subject, queries), queries);
  const domain = asciiDomain(given);
  const trace: TraceStep[] = [];
  const evaluation = inTime(await evaluator.evaluate(domain, trace), queries);
  const { status, recordDomain, mechanism, problem } = evaluation;
  const explanation = status === 'fail' && evaluation.record?.explanation ? await evaluator.explain(evaluation, trace) : undefined;
  const result: Mutable<Checked> = {
    status,
    domain,
    recordDomain,
    lookups: queries.lookups,
    authentic: queries.authentic && status !== 'none',
    ttlSeconds: Number.isFinite(queries.ttlSeconds) ? queries.ttlSeconds : 0,
    trace,
  };
  if (identity !== undefined) result.identity = identity;
  if (mechanism !== undefined) result.mechanism = mechanism;
  if (explanation !== undefined) result.explanation = explanation;
  if (problem !== undefined) result.problem = problem;
  return result;
}

/** check_host() of RFC 7208 §4. Throws a TypeError for an `ip` that is none, and what the signal throws unless it is a timeout. */
export function checkHost(input: CheckHostInput, deps: SpfDeps): Promise<SpfResult> {
  return check(input, { domain: input.domain, sender: input.sender }, deps);
}

/** An SPF check as a server makes it. */
export interface CheckSpfInput extends Omit<CheckHostInput, 'domain' | 'sender'> {
  /** The reverse-path, `localpart@domain`; empty for the null one. The angle brackets of the command may be around it. */
  readonly mailFrom: string;
  readonly helo: string;
}

/** The result of `checkSpf`, with the identity that was checked. */
export interface CheckSpfResult extends SpfResult {
  readonly identity: 'mailfrom' | 'helo';
}

/** A path as it stands in the brackets of the command (RFC 5321 §4.1.2). */
function withoutBrackets(path: string): string {
  return path.startsWith('<') && path.endsWith('>') ? path.slice(1, -1) : path;
}

/** Checks the "MAIL FROM" identity or, where the reverse-path is null, the "HELO" identity as `postmaster@helo` (RFC 7208 §2.4). */
export function checkSpf(input: CheckSpfInput, deps: SpfDeps): Promise<CheckSpfResult> {
  const mailFrom = withoutBrackets(input.mailFrom);
  const sender = mailFrom === '' ? `postmaster@${input.helo}` : mailFrom;
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  const identity = mailFrom === '' ? 'helo' : 'mailfrom';
  return check(input, { domain, sender, identity }, deps) as Promise<CheckSpfResult>;
}
