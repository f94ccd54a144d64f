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
  /** The agent or user that it names (`i=`): `@` and the domain, unless told. */
  readonly dkimIdentity?: string;
  readonly dkimSelector?: string;
  /** SPF records that were used, as published, where the identifier that failed would have been aligned. */
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

/** Whether an identifier that did not pass would have been aligned, as far as it can be told without further queries. */
function wouldAlign(identifier: AlignedIdentifier, mode: 'r' | 's' | undefined, result: DmarcResult): boolean {
  if (identifier.alignment === 'strict') return true;
  const { authorDomain, policy } = result;
  if (mode !== 'r' || authorDomain === undefined || !policy || !identifier.domain.includes('.')) return false;
  return isWithin(identifier.domain, policy.domain) || isWithin(authorDomain, identifier.domain);
}

/** What a report says of the signatures and SPF records of a message, beyond the result of DMARC. */
export interface FailureFacts {
  /** Selectors of the signatures, in the order in which they were given to `checkDmarc`. */
  readonly selectors: readonly string[];
  /** Their agent or user identifiers (`i=`), in the same order, as far as they have one. */
  readonly identities?: readonly (string | undefined)[];
  /** SPF records that were used, as published. */
  readonly spfRecords: readonly string[];
}

/** What a DMARC failure report says of a message (RFC 9991 §4). */
export function describeDmarcFailure(result: DmarcResult, facts: FailureFacts): DmarcFailure {
  const [dkim, spf] = [dkimAligned(result), spfAligned(result)];
  const record = result.policy?.record;
  const failed = [...(dkim ? [] : (['dkim'] as const)), ...(spf ? [] : (['spf'] as const))];
  const signature = dkim ? undefined : failedDkim(result).find((one) => wouldAlign(one, record?.adkim, result));
  const index = signature ? result.dkim.indexOf(signature) : -1;
  const selector = facts.selectors[index];
  // RFC 9991 §4: a record that passed, for somebody else's domain, explains nothing.
  const spfFailed = result.spf && result.spf.status !== 'pass' && wouldAlign(result.spf, record?.aspf, result);
  return {
    failure: 'dmarc',
    identityAlignment: failed.length > 0 ? failed : ['none'],
    ...(signature && { dkimDomain: signature.domain, dkimIdentity: facts.identities?.[index] ?? `@${signature.domain}` }),
    ...(signature && selector !== undefined && { dkimSelector: selector }),
    spfDns: spfFailed ? facts.spfRecords : [],
  };
}
