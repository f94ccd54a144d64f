import type {
  AggregateRecord,
  OverrideReason,
  ReportedDisposition,
  ReportedDkim,
  ReportedPolicy,
  ReportedSpf,
} from './aggregate-report.ts';
import type { AlignedIdentifier } from './alignment.ts';
import type { DmarcResult } from './check-dmarc.ts';
import type { DiscoveredPolicy } from './discover-policy.ts';
import type { DmarcPolicy } from './record.ts';

/** What is known of a message that is to be reported. */
export interface AggregateEvidence {
  /** What `checkDmarc` said. */
  readonly result: DmarcResult;
  readonly sourceIp: string;
  /** Domain of the reverse-path; empty for the null one. */
  readonly envelopeFrom?: string;
  /** Domain of the recipient. */
  readonly envelopeTo?: string;
  /** Selectors of the signatures, in the order in which they were given to `checkDmarc`. */
  readonly selectors: readonly string[];
  /** What was done, where that is not what the result asks for; then with the reason. */
  readonly disposition?: DmarcPolicy;
  readonly reasons?: readonly OverrideReason[];
}

/** RFC 9990 §3.1.3: those that pass and are aligned come first, then others that pass. */
function signaturePriority({ status, alignment }: AlignedIdentifier): number {
  if (status !== 'pass') return 3;
  return alignment === 'strict' ? 0 : alignment === 'relaxed' ? 1 : 2;
}

/** RFC 9990 §3.1.3: signatures for a row, a hundred at most. */
const mostSignatures = 100;

function reportDkim(result: DmarcResult, selectors: readonly string[]): readonly ReportedDkim[] {
  return result.dkim
    .map((signature, index) => ({ signature, selector: selectors[index] }))
    .toSorted((a, b) => signaturePriority(a.signature) - signaturePriority(b.signature))
    .slice(0, mostSignatures)
    .map(({ signature, selector }) => ({
      domain: signature.domain,
      ...(selector !== undefined && { selector }),
      result: signature.status,
    }));
}

function reportSpf(result: DmarcResult): readonly ReportedSpf[] {
  return result.spf ? [{ domain: result.spf.domain, scope: 'mfrom', result: result.spf.status }] : [];
}

function dispositionOf(evidence: AggregateEvidence): ReportedDisposition {
  const { result, disposition } = evidence;
  if (disposition !== undefined && disposition !== 'none') return disposition;
  // RFC 9990 appendix A: "pass" is for those that pass under a policy that is enforced.
  if (result.status === 'pass') return result.policy && result.policy.requested !== 'none' ? 'pass' : 'none';
  return disposition ?? result.disposition;
}

function reasonsOf({ result, disposition, reasons = [] }: AggregateEvidence): readonly OverrideReason[] {
  const all = [...reasons, ...(result.override && result.status === 'fail' ? [{ type: result.override }] : [])];
  // RFC 9990 §3.1.1.9: where another disposition was applied there must be a reason.
  const other = result.status === 'fail' && disposition !== undefined && disposition !== result.disposition;
  return other && reasons.length === 0 ? [{ type: 'local_policy' }, ...all] : all;
}

/** Makes the record of one message for a report; `mergeAggregateRecords` adds up those alike. Undefined where DMARC did not apply. */
export function makeAggregateRecord(evidence: AggregateEvidence): AggregateRecord | undefined {
  const { result, sourceIp, envelopeFrom, envelopeTo } = evidence;
  if (!result.policy || result.authorDomain === undefined) return undefined;
  return {
    sourceIp,
    count: 1,
    disposition: dispositionOf(evidence),
    dkim: result.dkim.some((signature) => signature.aligned) ? 'pass' : 'fail',
    spf: result.spf?.aligned ? 'pass' : 'fail',
    reasons: reasonsOf(evidence),
    headerFrom: result.authorDomain,
    ...(envelopeFrom !== undefined && { envelopeFrom }),
    ...(envelopeTo !== undefined && { envelopeTo }),
    dkimResults: reportDkim(result, evidence.selectors),
    spfResults: reportSpf(result),
  };
}

/** The policy as a report shows it: what was found, with defaults for what was not said (RFC 9990 §3.1.1.5). */
export function makeReportedPolicy(policy: DiscoveredPolicy): ReportedPolicy {
  const { record, domain, method, policies } = policy;
  return {
    domain,
    discoveryMethod: method,
    p: policies.p,
    ...(policies.sp && { sp: policies.sp }),
    ...(policies.np && { np: policies.np }),
    adkim: record.adkim,
    aspf: record.aspf,
    fo: record.fo.join(':'),
    testing: record.t === 'y',
    ...(record.pct !== undefined && method === 'psl' && { pct: record.pct }),
  };
}

/** What is wrong with the record, for the `errors` of a report (RFC 9990 §3.1.5): ten at most, short. */
export function makeReportedErrors(policy: DiscoveredPolicy): readonly string[] {
  return policy.defects
    .slice(0, 10)
    .map(({ tag, problem }) => `DMARC record of ${policy.domain}${tag === '' ? '' : `, tag ${tag.slice(0, 20)}`}: ${problem}`);
}
