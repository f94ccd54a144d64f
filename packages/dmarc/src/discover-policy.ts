import { isFailedAnswer, traceDns } from '@mox/dns';
import { parseDomain } from '@mox/idna';
import { type Trace, type TraceStep } from '@mox/runtime';
import type { Discovery } from './organizational-domain.ts';
import { type DiscoveryMethod, type DmarcDeps, DmarcQueries } from './queries.ts';
import {
  applicablePolicies,
  type DmarcPolicies,
  type DmarcPolicy,
  type DmarcRecord,
  type DmarcRecordDefect,
  isInvalidPolicy,
} from './record.ts';
import { SuffixListDiscovery } from './suffix-list-discovery.ts';
import { TreeWalkDiscovery } from './tree-walk.ts';

/** The policy that holds for an author domain, and where it comes from. */
export interface DiscoveredPolicy {
  /** The DMARC Policy Domain: where the record is published, as A-labels. */
  readonly domain: string;
  readonly record: DmarcRecord;
  readonly defects: readonly DmarcRecordDefect[];
  readonly method: DiscoveryMethod;
  /** What is applied of the record: all is `p=none` where a policy in it is invalid (RFC 9989 §4.10.1). */
  readonly policies: DmarcPolicies;
  /** The tag that holds for the author domain, and what it says. */
  readonly tag: 'p' | 'sp' | 'np';
  readonly requested: DmarcPolicy;
  /** What is to be done with mail that fails: `requested`, or one level below where the owner is testing (`t=y`). */
  readonly policy: DmarcPolicy;
  /** Whether the record came DNSSEC-validated. */
  readonly authentic: boolean;
}

/** What the DNS says about a domain as the author of mail. */
export interface PolicyDiscovery {
  /** `none`: DMARC does not apply; `permerror`: there is a record that is no good. */
  readonly status: 'ok' | 'none' | 'temperror' | 'permerror';
  /** As A-labels. */
  readonly authorDomain: string;
  readonly policy?: DiscoveredPolicy;
  /** Absent where it could not be found out. */
  readonly organizationalDomain?: string;
  readonly problem?: string;
  readonly trace: Trace;
}

/** One level below, for policies that are being tested or not sampled (RFC 9989 §4.7; RFC 7489 §6.6.4). */
export const levelBelow: Readonly<Record<DmarcPolicy, DmarcPolicy>> = { reject: 'quarantine', quarantine: 'none', none: 'none' };

/** The means of discovery that the caller chose. */
export function makeDiscovery(queries: DmarcQueries, deps: DmarcDeps): Discovery {
  const { organizationalDomain } = deps;
  return organizationalDomain ? new SuffixListDiscovery(queries, organizationalDomain) : new TreeWalkDiscovery(queries);
}

/** A domain name as A-labels, out of any form; undefined for address literals and what is no name. */
export function asciiDomain(text: string): string | undefined {
  const parsed = parseDomain(text.trim(), { underscore: true, trailingDot: true });
  if (!parsed.ok) return undefined;
  const { ascii } = parsed.value;
  // An IPv4 address is made of labels too, but no top-level domain is of digits (RFC 1123 §2.1).
  return /(?:^|\.)\d+$/.test(ascii) ? undefined : ascii;
}

/** RFC 9989 §3.2.13: a domain does not exist where a query for it is answered NXDOMAIN; undefined where nobody knows. */
async function domainExists(domain: string, queries: DmarcQueries, trace: TraceStep[]): Promise<boolean | undefined> {
  const answer = await queries.ask(domain, 'A');
  // An alias exists though its target may not.
  const missing = answer.status === 'malformed-name' || (answer.status === 'nxdomain' && answer.aliases.length === 0);
  const exists = isFailedAnswer(answer) ? undefined : !missing;
  const outcome = exists === undefined ? 'temperror' : exists ? 'exists' : 'does not exist';
  trace.push({ step: `existence of ${domain}`, rfc: 'RFC 9989 §3.2.13', outcome, dns: [traceDns(domain, 'A', answer)] });
  return exists;
}

const strength: Readonly<Record<DmarcPolicy, number>> = { none: 0, quarantine: 1, reject: 2 };

/** The stricter of two policies. */
export function strictestPolicy(a: DmarcPolicy, b: DmarcPolicy): DmarcPolicy {
  return strength[a] >= strength[b] ? a : b;
}

/** RFC 9989 §4.10.1: `p` for the domain itself, `np` or `sp` for those below. */
async function chooseTag(
  policies: DmarcPolicies,
  subdomain: string | undefined,
  queries: DmarcQueries,
  trace: TraceStep[],
): Promise<{ readonly tag: 'p' | 'sp' | 'np'; readonly unsure?: string }> {
  if (subdomain === undefined) return { tag: 'p' };
  const existing = policies.sp === undefined ? 'p' : 'sp';
  if (policies.np === undefined || policies.np === policies[existing]) return { tag: existing };
  const exists = await domainExists(subdomain, queries, trace);
  if (exists !== undefined) return { tag: exists ? existing : 'np' };
  // Which of the two holds is not known: the weaker one, so that nobody takes the domain for better protected than it is.
  const weaker = strictestPolicy(policies.np, policies[existing] ?? 'none') === policies.np ? existing : 'np';
  return { tag: weaker, unsure: `whether ${subdomain} exists is not known` };
}

/** What was found of a policy, before anything is asked about organizational domains. */
export interface AuthorPolicy {
  readonly status: PolicyDiscovery['status'];
  readonly policy?: DiscoveredPolicy;
  readonly problem?: string;
  /** Why it is not known whether `sp` or `np` holds. */
  readonly unsure?: string;
}

/** Finds the policy that holds for an author domain. */
export async function findAuthorPolicy(
  author: string,
  means: { readonly discovery: Discovery; readonly queries: DmarcQueries },
  trace: TraceStep[],
): Promise<AuthorPolicy> {
  const found = await means.discovery.findPolicy(author, trace);
  if (!found.record) {
    const status = found.status === 'temperror' ? 'temperror' : found.invalid ? 'permerror' : 'none';
    return { status, problem: found.problem ?? 'no DMARC record' };
  }
  const { domain, parsed, authentic } = found.record;
  const policies = applicablePolicies(parsed);
  if (!policies) {
    const invalid = parsed.defects.find(isInvalidPolicy);
    const problem = invalid
      ? `tag ${invalid.tag} of the record of ${domain} is ${invalid.problem}`
      : `the record of ${domain} has no policy`;
    trace.push({ step: 'policy', rfc: 'RFC 9989 §4.10.1', outcome: 'DMARC is not applied', detail: `${problem}, and asks for no reports` });
    return { status: invalid ? 'permerror' : 'none', problem };
  }
  const { tag, unsure } = await chooseTag(policies, domain === author ? undefined : author, means.queries, trace);
  const requested = policies[tag] ?? 'none';
  const testing = parsed.record.t === 'y' && means.discovery.method === 'treewalk';
  const policy = testing ? levelBelow[requested] : requested;
  trace.push({
    step: `policy of ${domain} for ${author}`,
    rfc: means.discovery.method === 'psl' ? 'RFC 7489 §6.3' : 'RFC 9989 §4.10.1',
    inputs: { tag, [tag]: requested, t: parsed.record.t },
    outcome: policy,
    ...(unsure !== undefined && { detail: unsure }),
  });
  return {
    status: 'ok',
    policy: {
      domain,
      record: parsed.record,
      defects: parsed.defects,
      method: means.discovery.method,
      policies,
      tag,
      requested,
      policy,
      authentic,
    },
    ...(unsure !== undefined && { unsure }),
  };
}

/** Looks up what holds for a domain as the author of mail: the policy (RFC 9989 §4.10.1), and the organizational domain (RFC 9989 §4.10.2). */
export async function discoverPolicy(domain: string, deps: DmarcDeps): Promise<PolicyDiscovery> {
  const author = asciiDomain(domain);
  if (author === undefined) {
    const problem = 'not a domain name';
    return {
      status: 'none',
      authorDomain: domain,
      problem,
      trace: [{ step: `author domain ${domain}`, rfc: 'RFC 9989 §5.3.1', outcome: 'none', detail: problem }],
    };
  }
  const queries = new DmarcQueries(deps);
  const discovery = makeDiscovery(queries, deps);
  const trace: TraceStep[] = [];
  const found = await findAuthorPolicy(author, { discovery, queries }, trace);
  const organization = await discovery.organizationalDomain(author, trace);
  const problem = found.problem ?? found.unsure ?? ('problem' in organization ? organization.problem : undefined);
  return {
    status: found.status,
    authorDomain: author,
    ...(found.policy && { policy: found.policy }),
    ...('domain' in organization && { organizationalDomain: organization.domain }),
    ...(problem !== undefined && { problem }),
    trace,
  };
}
