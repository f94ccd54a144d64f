import { type DnsMessage, type DnsRecord, isAtOrBelow } from '@mox/dns';
import type { Absence } from './absence.ts';
import { createNsec, NsecProofs, type VerifiedNsec } from './nsec.ts';
import { createNsec3, Nsec3Proofs, type VerifiedNsec3 } from './nsec3.ts';
import { groupRrsets, type Rrset } from './rrset.ts';
import { type SecureZone, type VerifyContext, verifyRrset } from './verify-rrset.ts';

/** The proofs of one message by one zone. */
export interface Denial {
  denyType(name: string, type: string): Absence;
  denyName(name: string): Absence;
  denyCloser(name: string, encloser: string): Absence;
  /** NSEC3 with more iterations than we do: nothing is proven, and the zone counts as unsigned (RFC 9276 §3.2). */
  readonly tooManyIterations: boolean;
  /** How long what is proven may be kept. */
  readonly ttlSeconds: number;
  /** Why proofs that came were not taken. */
  readonly faults: readonly string[];
}

function isProof(set: Rrset, zone: string): boolean {
  if (set.type !== 'NSEC' && set.type !== 'NSEC3') return false;
  return isAtOrBelow(set.name, zone) && set.signatures.some(({ data }) => data.signer === zone);
}

/** The NSEC and NSEC3 records of a message that are signed by a zone, as proofs (RFC 4035 §5.4, RFC 5155 §8.2). */
export async function readDenial(message: DnsMessage, zone: SecureZone, context: VerifyContext): Promise<Denial> {
  const { budget } = context;
  const nsecs: VerifiedNsec[] = [];
  const nsec3s: VerifiedNsec3[] = [];
  const faults: string[] = [];
  const sets = [...groupRrsets(message.authorities).values()].filter((set) => isProof(set, zone.name));
  for (const set of sets.slice(0, budget.limits.proofLimit)) {
    const verdict = await verifyRrset(set, zone, context);
    if (verdict.status === 'bogus') faults.push(verdict.error.text);
    else if (set.type === 'NSEC') nsecs.push(...set.records.map((record) => createNsec(record as DnsRecord<'NSEC'>, verdict.ttlSeconds)));
    else for (const record of set.records) nsec3s.push(...nsec3Of(record as DnsRecord<'NSEC3'>, zone.name, verdict.ttlSeconds));
  }
  const ttlSeconds = Math.min(...[...nsecs, ...nsec3s].map((record) => record.ttlSeconds), 86_400);
  const byName = new NsecProofs(nsecs);
  const byHash = new Nsec3Proofs(zone.name, nsec3s, budget);
  const either = (first: Absence, second: () => Absence): Absence => (first.proves !== 'nothing' || nsec3s.length === 0 ? first : second());
  return {
    denyType: (name, type) => either(byName.denyType(name, type), () => byHash.denyType(name, type)),
    denyName: (name) => either(byName.denyName(name), () => byHash.denyName(name)),
    denyCloser: (name, encloser) => either(byName.denyCloser(name, encloser), () => byHash.denyCloser(name, encloser)),
    tooManyIterations: byHash.tooManyIterations,
    ttlSeconds,
    faults,
  };
}

function nsec3Of(record: DnsRecord<'NSEC3'>, zone: string, ttlSeconds: number): readonly VerifiedNsec3[] {
  const nsec3 = createNsec3(record, zone, ttlSeconds);
  return nsec3 ? [nsec3] : [];
}
