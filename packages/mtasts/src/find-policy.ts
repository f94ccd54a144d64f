import type { Resolver } from '@mox/dns';
import type { Trace, TraceStep } from '@mox/runtime';
import { type FetchedPolicy, fetchMtaStsPolicy, type PolicyFetch } from './fetch-policy.ts';
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

function isLive(memory: PolicyMemory | undefined, now: number): memory is CachedPolicy {
  return memory?.policy !== undefined && now < memory.fetchedAt + memory.policy.maxAgeSeconds * 1000;
}

/**
 * Finds the policy that applies to a policy domain, given as A-labels (RFC 8461 §3.3, §5.1): the record tells whether a
 * cached policy is the newest; what cannot be looked up or fetched leaves a cached policy that has not expired in force.
 */
export async function findMtaStsPolicy(domain: string, memory: PolicyMemory | undefined, deps: FindPolicyDeps): Promise<FoundPolicy> {
  const cached = isLive(memory, deps.now) ? memory : undefined;
  const lookup = await lookupMtaStsRecord(domain, deps);
  const trace: TraceStep[] = [...lookup.trace];
  const fallBack = (why: string, failure?: FoundPolicy['failure'], failedId?: string): FoundPolicy => {
    const status = cached ? 'cached' : 'none';
    trace.push({ step: 'policy', rfc: 'RFC 8461 §3.3', outcome: status, detail: why });
    const failed = failedId === undefined ? memory?.failed : { id: failedId, at: deps.now };
    const kept: PolicyMemory | undefined = cached ? { ...cached, ...(failed && { failed }) } : failed && { failed };
    return { status, ...(cached && { policy: cached.policy }), ...(failure && { failure }), ...(kept && { memory: kept }), trace };
  };
  if (!lookup.record) return fallBack(lookup.problem ?? 'no record');
  const { id } = lookup.record;
  if (cached?.id === id) return fallBack(`the newest is known, id ${id}`);
  if (memory?.failed?.id === id && deps.now < memory.failed.at + retrySeconds * 1000)
    return fallBack('a fetch has failed within five minutes');
  const fetched = await fetchMtaStsPolicy(domain, deps);
  if (!fetched.ok) {
    trace.push({ step: 'fetch', rfc: 'RFC 8461 §3.3', outcome: fetched.result, detail: fetched.problem });
    return fallBack('no policy could be fetched', { result: fetched.result, problem: fetched.problem }, id);
  }
  const { policy } = fetched;
  trace.push({
    step: 'fetch',
    rfc: 'RFC 8461 §3.3',
    outcome: 'fetched',
    inputs: { id, mode: policy.mode, mx: [...policy.mx], maxAgeSeconds: policy.maxAgeSeconds },
  });
  return { status: 'fetched', policy, memory: { policy, id, fetchedAt: deps.now }, trace };
}

/** What a sender finds when it connects to an MX host. */
export interface MxHostFacts {
  /** Name of the MX record, as A-labels. */
  readonly host: string;
  /** Whether STARTTLS was offered and TLS came about. */
  readonly tls: boolean;
  /** Whether the certificate has not expired, leads to a trusted root, and is for the host (RFC 8461 §4.2). */
  readonly certificateValid: boolean;
}

/** What to do with an MX host. */
export interface MxHostVerdict {
  /** `deliver-and-report`: the host fails a policy in testing: mail goes there all the same, a TLS report tells of it. */
  readonly action: 'deliver' | 'deliver-and-report' | 'refuse';
  /** What failed, as a TLS report calls it (RFC 8460 §4.3.1). */
  readonly failure?: 'validation-failure' | 'starttls-not-supported' | 'certificate-not-trusted';
  readonly reason: string;
}

/** Judges an MX host by a policy (RFC 8461 §4, §5). A refusal is temporary: look for a newer policy, and try again later. */
export function judgeMxHost(policy: MtaStsPolicy | undefined, facts: MxHostFacts): MxHostVerdict {
  if (!policy || policy.mode === 'none') return { action: 'deliver', reason: 'no policy is in force' };
  const failure = findFailure(policy, facts);
  if (!failure) return { action: 'deliver', reason: `the host satisfies the policy, mode ${policy.mode}` };
  return { action: policy.mode === 'enforce' ? 'refuse' : 'deliver-and-report', ...failure };
}

function findFailure(policy: MtaStsPolicy, facts: MxHostFacts): Pick<MxHostVerdict, 'failure' | 'reason'> | undefined {
  if (!matchesMx(policy, facts.host))
    return { failure: 'validation-failure', reason: `${facts.host} is not among ${policy.mx.join(', ')} (RFC 8461 §4.1)` };
  if (!facts.tls) return { failure: 'starttls-not-supported', reason: `${facts.host} does not do TLS (RFC 8461 §4)` };
  if (!facts.certificateValid)
    return { failure: 'certificate-not-trusted', reason: `the certificate of ${facts.host} is not valid for it (RFC 8461 §4.2)` };
  return undefined;
}
