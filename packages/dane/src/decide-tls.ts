import type { DaneLookup } from './lookup-dane.ts';

/**
 * What DANE asks of a connection to a server (RFC 7672 §2.2).
 * - `authenticate`: TLS, whose certificates `verifyDane` authenticates by the records; otherwise nothing is sent.
 * - `encrypt`: TLS, whatever the certificates; otherwise nothing is sent.
 * - `opportunistic`: DANE asks for nothing; other policies, MTA-STS among them, decide.
 * - `skip`: this server is not to be used now: the next one, or later.
 */
export type DaneDecision = 'authenticate' | 'encrypt' | 'opportunistic' | 'skip';

/**
 * Decides by what was found. `mandatory` is for destinations that mail may go to only by DANE (RFC 7672 §6): there
 * all but usable records, found on a secure way, means not to deliver.
 */
export function decideTls(
  lookup: Pick<DaneLookup, 'status' | 'nextHopSecure'>,
  policy: { readonly mandatory?: boolean } = {},
): DaneDecision {
  if (policy.mandatory) return lookup.status === 'usable' && lookup.nextHopSecure ? 'authenticate' : 'skip';
  return decisions[lookup.status];
}

const decisions: Readonly<Record<DaneLookup['status'], DaneDecision>> = {
  usable: 'authenticate',
  unusable: 'encrypt',
  none: 'opportunistic',
  unreachable: 'skip',
  error: 'skip',
};
