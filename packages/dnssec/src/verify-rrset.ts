import type { ExtendedError } from '@mox/dns';
import { isAtOrBelow } from '@mox/dns';
import { algorithms, formatAlgorithm } from './algorithm.ts';
import { labelsOf, lastLabels } from './name-order.ts';
import { type Rrset, type SignatureRecord, ttlOf } from './rrset.ts';
import { canonicalOrder, countLabels, signedData } from './signed-data.ts';
import type { WorkBudget } from './work-budget.ts';
import { isZoneKey, type ZoneKey } from './zone-key.ts';

/** Keys of a zone that are believed. */
export interface SecureZone {
  readonly name: string;
  readonly keys: readonly ZoneKey[];
}

/** What signatures are checked with. */
export interface VerifyContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How far the clock may be wrong. */
  readonly clockSkewSeconds: number;
  readonly budget: WorkBudget;
}

/** Whether a set of records is signed by its zone. */
export type RrsetVerdict =
  | {
      readonly status: 'secure';
      readonly signature: SignatureRecord;
      /** How long the set may be kept (RFC 4035 §5.3.3). */
      readonly ttlSeconds: number;
      /** Where a wildcard was expanded to the name: what is right above the wildcard. */
      readonly closestEncloser?: string;
    }
  | { readonly status: 'bogus'; readonly error: ExtendedError };

/** Codes of RFC 8914 §4 that are used here. */
export const errorCodes = {
  unsupportedAlgorithm: 1,
  unsupportedDigest: 2,
  indeterminate: 5,
  bogus: 6,
  expired: 7,
  notYetValid: 8,
  dnskeyMissing: 9,
  rrsigsMissing: 10,
  noZoneKeyBit: 11,
  nsecMissing: 12,
  expiredBeforeValid: 25,
  unsupportedIterations: 27,
} as const;

/** The difference of two times modulo 2^32, as RFC 1982 §3.2 compares serial numbers. */
function secondsBetween(from: number, to: number): number {
  return (to - from) | 0;
}

function formatTime(seconds: number, now: number): string {
  return new Date((now + secondsBetween(now, seconds)) * 1000).toISOString().replace('.000', '');
}

/** Types that no wildcard may stand for: they are about one name. */
const exactTypes: ReadonlySet<string> = new Set(['DS', 'DNSKEY', 'NSEC', 'NSEC3', 'SOA']);

/** What keeps a signature from being checked (RFC 4035 §5.3.1); undefined where nothing does. */
function checkSignature(rrset: Rrset, signature: SignatureRecord, zone: SecureZone, context: VerifyContext): ExtendedError | undefined {
  const { data } = signature;
  const fault = (code: number, text: string): ExtendedError => ({ code, text: `${rrset.name}. ${rrset.type}: ${text}` });
  if (data.signer !== zone.name) return fault(errorCodes.bogus, `signed by ${data.signer}., not by its zone ${zone.name}.`);
  if (!isAtOrBelow(rrset.name, zone.name)) return fault(errorCodes.bogus, `not a name of the zone ${zone.name}.`);
  const labels = countLabels(rrset.name);
  const isExpanded = data.labels < labels;
  if (data.labels > labels) return fault(errorCodes.bogus, 'the signature is over more labels than the name has');
  if (isExpanded && (exactTypes.has(rrset.type) || data.labels < labelsOf(zone.name).length))
    return fault(errorCodes.bogus, 'a wildcard cannot stand for it');
  const now = Math.floor(context.now / 1000);
  if (secondsBetween(data.inception, data.expiration) < 0)
    return fault(errorCodes.expiredBeforeValid, 'a signature that ends before it begins');
  if (secondsBetween(now, data.expiration) < -context.clockSkewSeconds)
    return fault(errorCodes.expired, `the signature expired at ${formatTime(data.expiration, now)}`);
  if (secondsBetween(data.inception, now) < -context.clockSkewSeconds)
    return fault(errorCodes.notYetValid, `the signature is valid from ${formatTime(data.inception, now)} on`);
  return undefined;
}

function keysFor(signature: SignatureRecord, zone: SecureZone, limit: number): readonly ZoneKey[] {
  const { keyTag, algorithm } = signature.data;
  return zone.keys.filter((key) => key.tag === keyTag && key.data.algorithm === algorithm && isZoneKey(key)).slice(0, limit);
}

function secureVerdict(rrset: Rrset, signature: SignatureRecord, context: VerifyContext): RrsetVerdict {
  const { labels, originalTtlSeconds, expiration } = signature.data;
  const left = Math.max(0, secondsBetween(Math.floor(context.now / 1000), expiration));
  const ttlSeconds = Math.min(ttlOf(rrset), originalTtlSeconds, left);
  if (labels >= countLabels(rrset.name)) return { status: 'secure', signature, ttlSeconds };
  return { status: 'secure', signature, ttlSeconds, closestEncloser: lastLabels(labelsOf(rrset.name), labels) };
}

/**
 * Checks that a key of the zone has signed a set of records (RFC 4035 §5.3). One good signature is enough (RFC 6840 §5.11); of those that
 * are not, the last reason is given. Never more signatures and keys are tried than the budget has.
 */
export async function verifyRrset(rrset: Rrset, zone: SecureZone, context: VerifyContext): Promise<RrsetVerdict> {
  const { budget } = context;
  const title = `${rrset.name}. ${rrset.type}`;
  let error: ExtendedError = { code: errorCodes.rrsigsMissing, text: `${title}: no signature` };
  let order: readonly Uint8Array[] | undefined;
  for (const signature of rrset.signatures.slice(0, budget.limits.signaturesPerSetLimit)) {
    const fault = checkSignature(rrset, signature, zone, context);
    const algorithm = algorithms.get(signature.data.algorithm);
    const keys = fault || !algorithm ? [] : keysFor(signature, zone, budget.limits.keysPerTagLimit);
    error = fault ?? { code: errorCodes.dnskeyMissing, text: `${title}: no key ${describe(signature)} in the zone ${zone.name}.` };
    for (const key of keys) {
      if (!budget.takeVerification())
        return { status: 'bogus', error: { code: errorCodes.bogus, text: `${title}: too many signatures to check` } };
      order ??= canonicalOrder(rrset);
      const publicKey = await key.publicKey();
      const fits = await publicKey?.verify(
        algorithm?.signature ?? 'ed25519',
        signedData(rrset, signature, order),
        signature.data.signature,
      );
      if (fits === true) return secureVerdict(rrset, signature, context);
      budget.countFailure();
      error = { code: errorCodes.bogus, text: `${title}: the signature by key ${describe(signature)} does not fit` };
    }
  }
  return { status: 'bogus', error };
}

/** A signature's key as words for people, e.g. `12345 ECDSAP256SHA256`. */
export function describe(signature: SignatureRecord): string {
  return `${signature.data.keyTag} ${formatAlgorithm(signature.data.algorithm)}`;
}
