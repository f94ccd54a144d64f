import type { AlignedIdentifier } from './alignment.ts';
import type { DmarcResult } from './check-dmarc.ts';
import { isWithin } from './organizational-domain.ts';
import type { FailureOption } from './record.ts';

/** What a DMARC failure report says beyond an authentication failure report (RFC 9991 §4): input for `@mox/arf`, as its `authFailure`. */
export interface DmarcFailure {
  readonly failure: 'dmarc';
  /** Mechanisms that brought no aligned identifier, or `none` where all did. */
  readonly identityAlignment: readonly ('dkim' | 'spf' | 'none')[];
  /** The signature that would have been aligned, had it passed. */
  readonly dkimDomain?: string;
  readonly dkimSelector?: string;
  /** SPF records that were used, as published. */
  readonly spfDns: readonly string[];
}

function failedDkim(result: DmarcResult): readonly AlignedIdentifier[] {
  return result.dkim.filter((signature) => signature.status !== 'pass' && signature.status !== 'none');
}

type Condition = (result: DmarcResult) => boolean;

const dkimAligned: Condition = (result) => result.dkim.some((signature) => signature.aligned);
const spfAligned: Condition = (result) => result.spf?.aligned === true;

/** RFC 9989 §4.7, tag "fo". */
const conditions: Readonly<Record<FailureOption, Condition>> = {
  '0': (result) => !dkimAligned(result) && !spfAligned(result),
  '1': (result) => !dkimAligned(result) || !spfAligned(result),
  d: (result) => failedDkim(result).length > 0,
  s: (result) => result.spf !== undefined && !['pass', 'none'].includes(result.spf.status),
};

/**
 * Which of the owner's options ask for a failure report about a message (RFC 9989 §4.7, tag "fo"): `0` and `1` for one of DMARC, `d`
 * for one of DKIM, `s` for one of SPF. None without `ruf`, and none for public suffix domains (RFC 9991 §2). Limit how many are sent.
 */
export function wantedFailureReports(result: DmarcResult): readonly FailureOption[] {
  const record = result.policy?.record;
  if (!record || record.ruf.length === 0 || record.psd === 'y') return [];
  if (result.status !== 'pass' && result.status !== 'fail') return [];
  return record.fo.filter((option) => conditions[option](result));
}

/** What a DMARC failure report says of a message (RFC 9991 §4). Selectors are in the order of the signatures given to `checkDmarc`. */
export function describeDmarcFailure(
  result: DmarcResult,
  facts: { readonly selectors: readonly string[]; readonly spfRecords: readonly string[] },
): DmarcFailure {
  const [dkim, spf] = [dkimAligned(result), spfAligned(result)];
  const failed = [...(dkim ? [] : (['dkim'] as const)), ...(spf ? [] : (['spf'] as const))];
  const within = (signature: AlignedIdentifier): boolean =>
    signature.alignment === 'strict' || (result.policy !== undefined && isWithin(signature.domain, result.policy.domain));
  const signature = dkim ? undefined : failedDkim(result).find(within);
  const selector = signature && facts.selectors[result.dkim.indexOf(signature)];
  return {
    failure: 'dmarc',
    identityAlignment: failed.length > 0 ? failed : ['none'],
    ...(signature && { dkimDomain: signature.domain }),
    ...(selector !== undefined && { dkimSelector: selector }),
    spfDns: spf ? [] : facts.spfRecords,
  };
}
