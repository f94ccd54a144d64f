import type { Resolver } from '@mox/dns';
import type { Trace, TraceStep } from '@mox/runtime';
import { type FetchedPolicy, fetchMtaStsPolicy, type PolicyFetch, policyUrl } from './fetch-policy.ts';
import { type MtaStsPolicy, matchesMx } from './policy.ts';
import { lookupMtaStsRecord } from './record.ts';

/** A policy as a sender keeps it. Plain data. */
export interface CachedPolicy {
  readonly policy: MtaStsPolicy;
  /** The `id` of the record that it was fetched for. */
  readonly id: string;
  /** When it was fetched, in milliseconds. */
  readonly fetchedAt: number;
  /** When a fetch last failed and for which `id`: it is not tried again for five minutes (RFC 8461 §3.3). */
  readonly failed?: { readonly id: string; readonly at: number };
}

/** What a sender may know of a domain: a policy, or that a fetch has failed. */
export type PolicyMemory = CachedPolicy | { readonly policy?: undefined; readonly failed: { readonly id: string; readonly at: number } };

/** What finding a policy needs. */
export interface FindPolicyDeps {
  readonly resolver: Resolver;
  readonly fetch: PolicyFetch;
  /** Time in milliseconds. */
  readonly now: number;
  /** A limit on the time, as of `AbortSignal.timeout`, that ends a fetch makes it a failed one; any other abort is an exception. */
  readonly signal?: AbortSignal;
}

/** The policy that applies to a domain, where it came from, and what to remember. */
export interface FoundPolicy {
  /** `none`: deliver as if there were no MTA-STS. */
  readonly status: 'fetched' | 'cached' | 'none';
  readonly policy?: MtaStsPolicy;
  /** What went wrong, as a TLS report calls it (RFC 8460 §4.3.2.2); there may be a cached policy all the same. */
  readonly failure?: { readonly result: Extract<FetchedPolicy, { ok: false }>['result']; readonly problem: string };
  /** What to keep for the next time; absent where nothing is known. */
  readonly memory?: PolicyMemory;
  readonly trace: Trace;
}

const retrySeconds = 300;
/** How old a policy may become before it is fetched again, its `id` being the same: a day is suggested (RFC 8461 §3.3). */
const refreshSeconds = 86_400;

function isLive(memory: PolicyMemory | undefined, now: number): memory is CachedPolicy {
  return memory?.policy !== undefined && now < memory.fetchedAt + memory.policy.maxAgeSeconds * 1000;
}

/**
 * Whether a cached policy is to be refreshed now (RFC 8461 §3.3), by `findMtaStsPolicy`, which mail to the domain does by itself: it is
 * a day old, or past half its life. To be asked once an hour or so of the policies that are kept, so that they live through an attack
 * on their renewal (RFC 8461 §10.2); those that expired need not be kept any longer.
 */
export function isRefreshDue(memory: PolicyMemory, now: number): boolean {
  if (!isLive(memory, now)) return false;
  const ageSeconds = (now - memory.fetchedAt) / 1000;
  return ageSeconds >= Math.min(refreshSeconds, memory.policy.maxAgeSeconds / 2);
}

/** Why a fetch is not needed, or not to be tried now; undefined where it is. */
function findReasonToWait(memory: PolicyMemory | undefined, id: string, now: number): string | undefined {
  if (memory?.failed?.id === id && now < memory.failed.at + retrySeconds * 1000) return 'a fetch has failed within five minutes';
  const current = isLive(memory, now) && memory.id === id && !isRefreshDue(memory, now);
  return current ? `the newest is known, id ${id}` : undefined;
}

/**
 * Finds the policy that applies to a policy domain, given as A-labels (RFC 8461 §3.3, §5.1): the record tells whether a
 * cached policy is the newest; what cannot be looked up or fetched leaves a cached policy that has not expired in force.
 */
export async function findMtaStsPolicy(domain: string, memory: PolicyMemory | undefined, deps: FindPolicyDeps): Promise<FoundPolicy> {
  const { now } = deps;
  const cached = isLive(memory, now) ? memory : undefined;
  const lookup = await lookupMtaStsRecord(domain, deps);
  const trace: TraceStep[] = [...lookup.trace];
  const fallBack = (why: string, failure?: FoundPolicy['failure'], failed = memory?.failed): FoundPolicy => {
    const status = cached ? 'cached' : 'none';
    const inputs = cached && { id: cached.id, mode: cached.policy.mode, mx: describeHosts(cached.policy), until: formatExpiry(cached) };
    trace.push({ step: 'policy', rfc: 'RFC 8461 §3.3', ...(inputs && { inputs }), outcome: status, detail: why });
    const kept: PolicyMemory | undefined = cached ? { ...cached, ...(failed && { failed }) } : failed && { failed };
    return { status, ...(cached && { policy: cached.policy }), ...(failure && { failure }), ...(kept && { memory: kept }), trace };
  };
  if (!lookup.record) {
    const problem = lookup.problem ?? 'no record';
    // RFC 8461 §6: where a policy is cached this may be an attack on its renewal, and is to be reported.
    const suspicious = cached !== undefined && cached.policy.mode !== 'none';
    return fallBack(problem, suspicious ? { result: 'sts-policy-fetch-error', problem: `record: ${problem}` } : undefined);
  }
  const { id } = lookup.record;
  const wait = findReasonToWait(memory, id, now);
  if (wait !== undefined) return fallBack(wait);
  const fetched = await fetchMtaStsPolicy(domain, deps);
  if (!fetched.ok) {
    const { result, problem } = fetched;
    trace.push({ step: 'fetch', rfc: 'RFC 8461 §3.3', inputs: { url: policyUrl(domain) }, outcome: result, detail: problem });
    return fallBack('no policy could be fetched', { result, problem }, { id, at: now });
  }
  const { policy } = fetched;
  trace.push({
    step: 'fetch',
    rfc: 'RFC 8461 §3.3',
    inputs: { url: policyUrl(domain), id, mode: policy.mode, mx: describeHosts(policy), maxAgeSeconds: policy.maxAgeSeconds },
    outcome: 'fetched',
  });
  return { status: 'fetched', policy, memory: { policy, id, fetchedAt: now }, trace };
}

/** The hosts of a policy, for people: it may have a thousand patterns. */
function describeHosts({ mx }: MtaStsPolicy): string {
  return mx.length > 10 ? `${mx.slice(0, 10).join(', ')} and ${mx.length - 10} more` : mx.join(', ');
}

function formatExpiry({ policy, fetchedAt }: CachedPolicy): string {
  return new Date(fetchedAt + policy.maxAgeSeconds * 1000).toISOString();
}

/** What was wrong with a certificate, as a TLS report calls it (RFC 8460 §4.3.1). */
export type CertificateFailure = 'certificate-expired' | 'certificate-host-mismatch' | 'certificate-not-trusted';

/** What a sender finds when it connects to an MX host. */
export interface MxHostFacts {
  /** Name of the MX record, as A-labels. */
  readonly host: string;
  /** Whether STARTTLS was offered and TLS came about. */
  readonly tls: boolean;
  /** Whether the certificate has not expired, leads to a trusted root, and is for the host (RFC 8461 §4.2). */
  readonly certificateValid: boolean;
  /** What is wrong with it, where that is known: for the report. */
  readonly certificateFailure?: CertificateFailure;
}

/** What to do with an MX host. */
export interface MxHostVerdict {
  /** `deliver-and-report`: the host fails a policy in testing: mail goes there all the same, a TLS report tells of it. */
  readonly action: 'deliver' | 'deliver-and-report' | 'refuse';
  /** What failed, as a TLS report calls it (RFC 8460 §4.3.1). */
  readonly failure?: 'validation-failure' | 'starttls-not-supported' | CertificateFailure;
  readonly reason: string;
  readonly trace: Trace;
}

/** Judges an MX host by a policy (RFC 8461 §4, §5). A refusal is temporary: look for a newer policy, and try again later. */
export function judgeMxHost(policy: MtaStsPolicy | undefined, facts: MxHostFacts): MxHostVerdict {
  const verdict = judge(policy, facts);
  const { host, tls, certificateValid } = facts;
  const inputs = { mode: policy?.mode ?? 'no policy', ...(policy && { mx: describeHosts(policy) }), tls, certificateValid };
  const trace = [{ step: `MX host ${host}`, rfc: 'RFC 8461 §5', inputs, outcome: verdict.action, detail: verdict.reason }];
  return { ...verdict, trace };
}

function judge(policy: MtaStsPolicy | undefined, facts: MxHostFacts): Omit<MxHostVerdict, 'trace'> {
  if (!policy || policy.mode === 'none') return { action: 'deliver', reason: 'no policy is in force' };
  const failure = findFailure(policy, facts);
  if (!failure) return { action: 'deliver', reason: `the host satisfies the policy, mode ${policy.mode}` };
  return { action: policy.mode === 'enforce' ? 'refuse' : 'deliver-and-report', ...failure };
}

function findFailure(policy: MtaStsPolicy, facts: MxHostFacts): Pick<MxHostVerdict, 'failure' | 'reason'> | undefined {
  const { host, tls, certificateValid, certificateFailure = 'certificate-not-trusted' } = facts;
  if (!matchesMx(policy, host))
    return { failure: 'validation-failure', reason: `${host} is not among ${describeHosts(policy)} (RFC 8461 §4.1)` };
  if (!tls) return { failure: 'starttls-not-supported', reason: `${host} does not do TLS (RFC 8461 §4)` };
  if (!certificateValid)
    return { failure: certificateFailure, reason: `the certificate of ${host} is not valid for it (RFC 8461 §4.2): ${certificateFailure}` };
  return undefined;
}
