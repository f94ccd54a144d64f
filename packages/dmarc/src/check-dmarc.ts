import type { Trace, TraceStep } from '@mox/runtime';
import { type AlignedIdentifier, type AlignmentContext, type AuthenticatedIdentifier, alignIdentifier } from './alignment.ts';
import {
  type AuthorPolicy,
  asciiDomain,
  type DiscoveredPolicy,
  findAuthorPolicy,
  levelBelow,
  makeDiscovery,
  strictestPolicy,
} from './discover-policy.ts';
import type { Discovery } from './organizational-domain.ts';
import { type DmarcDeps, DmarcQueries } from './queries.ts';
import type { DmarcPolicy } from './record.ts';

/** What DMARC decides upon. */
export interface DmarcInput {
  /** Domain of each address in the From field, in any form; several addresses of one domain are fine (RFC 9989 §5.3.1). */
  readonly fromDomains: readonly string[];
  /** What SPF said of the MAIL FROM identity (RFC 9989 §4.4.2), which for the null reverse-path is the HELO domain (RFC 7208 §2.4). */
  readonly spf?: AuthenticatedIdentifier;
  /** What came of each DKIM signature: its `d=`, and the status. */
  readonly dkim: readonly AuthenticatedIdentifier[];
  /**
   * What several author domains mean: `each` is checked and the strictest policy of those that fail holds (RFC 9989 §11.5), as
   * unless given; or there is no validation (RFC 9989 §5.3.1).
   */
  readonly severalAuthors?: 'each' | 'none';
  /** A random whole number from 0 to 99, for `pct` of RFC 7489 §6.6.4; all mail is subject to the policy unless given. */
  readonly sample?: number;
}

/** Bounds on what a sender makes us do. */
export interface DmarcLimits {
  /** Author domains that are checked: 5. */
  readonly authorDomains: number;
  /** Identifiers whose organizational domain is looked for, for each author domain: 10. */
  readonly walks: number;
}

/** Why the disposition is not the policy that was published, in the words of RFC 9990 §3.1.6 and of RFC 7489 appendix C. */
export type DmarcOverride = 'policy_test_mode' | 'sampled_out';

/** What came out, and why. */
export interface DmarcResult {
  /** As RFC 9989 §9.2 has them. */
  readonly status: 'pass' | 'fail' | 'none' | 'temperror' | 'permerror';
  /**
   * What the owner prefers to happen to the message; `none` unless it fails. Nobody may reject for a preference of `reject` alone: without
   * other knowledge of the message it counts as `quarantine` (RFC 9989 §7.4), since lists and forwarders break mail (RFC 7960).
   */
  readonly disposition: DmarcPolicy;
  /** As A-labels; absent where the From field has none. */
  readonly authorDomain?: string;
  /** Further author domains that were checked too. */
  readonly otherAuthorDomains?: readonly string[];
  readonly policy?: DiscoveredPolicy;
  readonly spf?: AlignedIdentifier;
  readonly dkim: readonly AlignedIdentifier[];
  readonly override?: DmarcOverride;
  /** What is wrong, or why there is no result. */
  readonly problem?: string;
  readonly trace: Trace;
}

type Means = { readonly discovery: Discovery; readonly queries: DmarcQueries };

const defaultLimits: DmarcLimits = { authorDomains: 5, walks: 10 };

/** The policy for a message that fails, with what testing and sampling leave of it. */
function decideDisposition(policy: DiscoveredPolicy, sample: number | undefined): Pick<DmarcResult, 'disposition' | 'override'> {
  const { pct } = policy.record;
  // RFC 7489 §6.6.4; RFC 9989 appendix A.6 took the tag away.
  const sampledOut = policy.method === 'psl' && pct !== undefined && sample !== undefined && sample >= pct;
  if (sampledOut && policy.requested !== 'none') return { disposition: levelBelow[policy.policy], override: 'sampled_out' };
  if (policy.policy !== policy.requested) return { disposition: policy.policy, override: 'policy_test_mode' };
  return { disposition: policy.policy };
}

async function alignAll(
  input: DmarcInput,
  policy: DiscoveredPolicy,
  context: AlignmentContext,
  trace: TraceStep[],
): Promise<{ readonly spf?: AlignedIdentifier; readonly dkim: readonly AlignedIdentifier[] }> {
  const { adkim, aspf } = policy.record;
  // SPF first: signatures without number must not use up its walk.
  const spf = input.spf && (await alignIdentifier({ ...input.spf, method: 'spf' }, aspf, context, trace));
  const dkim: AlignedIdentifier[] = [];
  for (const signature of input.dkim) dkim.push(await alignIdentifier({ ...signature, method: 'dkim' }, adkim, context, trace));
  return { ...(spf && { spf }), dkim };
}

/** Why pass or fail cannot be told: a query failed that could have made the message pass, or that the policy depends on (RFC 9989 §5.3.6). */
function findUncertainty(identifiers: readonly AlignedIdentifier[], found: AuthorPolicy): string | undefined {
  for (const { method, domain, status, alignment } of identifiers) {
    if (status === 'pass' && alignment === 'unknown') return `whether ${method} domain ${domain} is aligned is not known`;
    if (status === 'temperror' && alignment !== 'none') return `${method} for ${domain} had a temporary error`;
  }
  return found.unsure;
}

function resultStep(status: DmarcResult['status'], problem: string | undefined, disposition?: DmarcPolicy): TraceStep {
  const outcome = status === 'fail' && disposition !== undefined ? `fail, disposition ${disposition}` : status;
  return { step: 'result', rfc: 'RFC 9989 §5.3.5', outcome, ...(problem !== undefined && { detail: problem }) };
}

async function checkAuthor(author: string, input: DmarcInput, means: Means, walks: number): Promise<DmarcResult> {
  const trace: TraceStep[] = [];
  const found = await findAuthorPolicy(author, means, trace);
  const { policy, problem } = found;
  if (found.status !== 'ok' || !policy) {
    const status = found.status === 'ok' ? 'none' : found.status;
    trace.push(resultStep(status, problem));
    return { status, disposition: 'none', authorDomain: author, dkim: [], ...(problem !== undefined && { problem }), trace };
  }
  const aligned = await alignAll(input, policy, { author, discovery: means.discovery, walksLeft: walks }, trace);
  const identifiers = [...(aligned.spf ? [aligned.spf] : []), ...aligned.dkim];
  const facts = { authorDomain: author, policy, ...aligned };
  const finish = (status: DmarcResult['status'], rest: Partial<DmarcResult>): DmarcResult => {
    const { disposition = 'none' } = rest;
    trace.push(resultStep(status, rest.problem, disposition));
    return { status, ...facts, ...rest, disposition, trace };
  };
  if (identifiers.some((identifier) => identifier.aligned)) return finish('pass', {});
  const uncertain = findUncertainty(identifiers, found);
  if (uncertain !== undefined) return finish('temperror', { problem: uncertain });
  return finish('fail', decideDisposition(policy, input.sample));
}

/** Statuses in the order in which one of several author domains decides: a failure must not hide behind another domain's pass. */
const severity: readonly DmarcResult['status'][] = ['fail', 'temperror', 'permerror', 'none', 'pass'];

function combine(results: readonly DmarcResult[], tooMany: boolean): DmarcResult {
  const ordered = results.toSorted((a, b) => severity.indexOf(a.status) - severity.indexOf(b.status));
  const failed = ordered.filter((result) => result.status === 'fail');
  const disposition = failed.reduce<DmarcPolicy>((policy, result) => strictestPolicy(policy, result.disposition), 'none');
  const decisive = failed.find((result) => result.disposition === disposition) ?? ordered[0];
  const trace = results.map(
    (result): TraceStep => ({
      step: `author domain ${result.authorDomain ?? ''}`,
      rfc: 'RFC 9989 §11.5',
      outcome: result.status,
      steps: result.trace,
    }),
  );
  if (!decisive) return { status: 'none', disposition: 'none', dkim: [], trace };
  const otherAuthorDomains = results.filter((result) => result !== decisive).flatMap((result) => result.authorDomain ?? []);
  // RFC 9989 §11.5: where not all were checked, the evaluation is incomplete, unless what was seen fails already.
  if (tooMany && decisive.status !== 'fail') {
    return { ...decisive, status: 'permerror', disposition: 'none', otherAuthorDomains, problem: 'too many author domains', trace };
  }
  return { ...decisive, otherAuthorDomains, disposition, trace };
}

function withoutAuthor(problem: string, domains: readonly string[]): DmarcResult {
  const step: TraceStep = {
    step: 'author domain',
    rfc: 'RFC 9989 §5.3.1',
    inputs: { domains: domains.slice(0, 20) },
    outcome: 'permerror',
    detail: problem,
  };
  return { status: 'permerror', disposition: 'none', dkim: [], problem, trace: [step] };
}

/**
 * Validates a message by DMARC (RFC 9989 §5.3): finds the policy of the author domain, compares it with what SPF and DKIM
 * authenticated, and says what the owner prefers. Throws what the signal throws.
 */
export async function checkDmarc(input: DmarcInput, deps: DmarcDeps & { readonly limits?: Partial<DmarcLimits> }): Promise<DmarcResult> {
  const limits = { ...defaultLimits, ...deps.limits };
  const domains = input.fromDomains.map(asciiDomain);
  const authors = [...new Set(domains.filter((domain) => domain !== undefined))];
  const [author] = authors;
  if (author === undefined) return withoutAuthor('the From field has no author domain', input.fromDomains);
  // What a reader sees of such an address is not known: its author is not the other one.
  if (domains.includes(undefined)) return withoutAuthor('an address of the From field has no valid domain', input.fromDomains);
  if (authors.length > 1 && input.severalAuthors === 'none') return withoutAuthor('the From field has several author domains', authors);
  const queries = new DmarcQueries(deps);
  const means: Means = { queries, discovery: makeDiscovery(queries, deps) };
  if (authors.length === 1) return checkAuthor(author, input, means, limits.walks);
  const results: DmarcResult[] = [];
  for (const one of authors.slice(0, limits.authorDomains)) results.push(await checkAuthor(one, input, means, limits.walks));
  return combine(results, authors.length > limits.authorDomains);
}
