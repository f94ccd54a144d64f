import { parseDomain } from '@mox/idna';
import type { Trace, TraceStep } from '@mox/runtime';
import { type IpAddress, parseIp, unmapIp } from '@mox/syntax';
import { type Evaluation, SpfEvaluator, type SpfStatus } from './evaluation.ts';
import { isAscii, type SpfDeps, SpfQueries, SpfStop } from './queries.ts';
import { SpfClient, type SpfSubject } from './spf-client.ts';

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

/** U-labels become A-labels (RFC 8616 §4); what is no domain name stays as it is, and is none. */
function asciiDomain(text: string): string {
  if (isAscii(text)) return text;
  const domain = parseDomain(text, { underscore: true });
  return domain.ok ? domain.value.ascii : text;
}

function subjectOf(input: CheckHostInput, ip: IpAddress): SpfSubject {
  const at = input.sender.lastIndexOf('@');
  return {
    // An IPv4-mapped address is the IPv4 address inside (RFC 7208 §5).
    ip: unmapIp(ip),
    localpart: at > 0 ? input.sender.slice(0, at) : 'postmaster',
    senderDomain: asciiDomain(input.sender.slice(at + 1)),
    helo: input.helo ?? 'unknown',
    receiver: input.receiver ?? 'unknown',
    nowSeconds: Math.floor((input.now ?? 0) / 1000),
  };
}

/** check_host() of RFC 7208 §4. Throws a TypeError for an `ip` that is none, and what the signal throws. */
export async function checkHost(input: CheckHostInput, deps: SpfDeps): Promise<SpfResult> {
  const ip = typeof input.ip === 'string' ? parseIp(input.ip) : input.ip;
  if (!ip) throw new TypeError(`not an IP address: ${JSON.stringify(input.ip)}`);
  const queries = new SpfQueries(deps);
  const evaluator = new SpfEvaluator(new SpfClient(subjectOf(input, ip), queries), queries);
  const domain = asciiDomain(input.domain.endsWith('.') ? input.domain.slice(0, -1) : input.domain);
  const trace: TraceStep[] = [];
  const evaluation = await evaluator.evaluate(domain, trace).catch((error: unknown): Evaluation => {
    if (error instanceof SpfStop) return { status: error.status, recordDomain: domain, problem: error.message };
    throw error;
  });
  const explanation = await evaluator.explain(evaluation, trace);
  const { status, recordDomain, mechanism, problem } = evaluation;
  return {
    status,
    domain,
    recordDomain,
    ...(mechanism !== undefined && { mechanism }),
    ...(explanation !== undefined && { explanation }),
    ...(problem !== undefined && { problem }),
    lookups: Math.min(queries.lookups, queries.limits.lookups),
    authentic: queries.authentic && status !== 'none',
    ttlSeconds: Number.isFinite(queries.ttlSeconds) ? queries.ttlSeconds : 0,
    trace,
  };
}

/** An SPF check as a server makes it. */
export interface CheckSpfInput extends Omit<CheckHostInput, 'domain' | 'sender'> {
  /** The reverse-path, `localpart@domain`; empty for the null one. */
  readonly mailFrom: string;
  readonly helo: string;
}

/** The result of `checkSpf`, with the identity that was checked. */
export interface CheckSpfResult extends SpfResult {
  readonly identity: 'mailfrom' | 'helo';
}

/** Checks the "MAIL FROM" identity or, where the reverse-path is null, the "HELO" identity as `postmaster@helo` (RFC 7208 §2.4). */
export async function checkSpf(input: CheckSpfInput, deps: SpfDeps): Promise<CheckSpfResult> {
  const { mailFrom } = input;
  const identity = mailFrom === '' ? 'helo' : 'mailfrom';
  const sender = mailFrom === '' ? `postmaster@${input.helo}` : mailFrom;
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  return { ...(await checkHost({ ...input, domain, sender }, deps)), identity };
}
