/** Kinds of failure (RFC 8460 §4.3). Others may come in time. */
export type TlsResultType =
  | 'starttls-not-supported'
  | 'certificate-host-mismatch'
  | 'certificate-expired'
  | 'certificate-not-trusted'
  | 'validation-failure'
  | 'tlsa-invalid'
  | 'dnssec-invalid'
  | 'dane-required'
  | 'sts-policy-fetch-error'
  | 'sts-policy-invalid'
  | 'sts-webpki-invalid';

/** Kinds of failure that are of one type of policy alone (RFC 8460 §4.3.2.1, §4.3.2.2). */
const policyTypes: ReadonlyMap<string, 'tlsa' | 'sts'> = new Map([
  ['tlsa-invalid', 'tlsa'],
  ['dnssec-invalid', 'tlsa'],
  ['dane-required', 'tlsa'],
  ['sts-policy-fetch-error', 'sts'],
  ['sts-policy-invalid', 'sts'],
  ['sts-webpki-invalid', 'sts'],
]);

/**
 * The type of policy that a kind of failure is of, where a policy is of the other type; undefined where the two go together. A policy
 * that could not be had may count as none found, so that all kinds go with "no-policy-found".
 */
export function findOtherPolicyType(resultType: string, policyType: string): 'tlsa' | 'sts' | undefined {
  const own = policyTypes.get(resultType);
  return own !== policyType && (policyType === 'tlsa' || policyType === 'sts') ? own : undefined;
}
