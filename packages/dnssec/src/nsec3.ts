import { type DnsRecord, encodeName, isAtOrBelow, parentName } from '@mox/dns';
import { concatBytes, equalBytes, hash } from '@mox/runtime';
import type { Absence } from './absence.ts';
import { labelsOf, lastLabels, wildcardBelow } from './name-order.ts';
import { deniesType, isDelegation } from './nsec.ts';
import type { WorkBudget } from './work-budget.ts';

/** An NSEC3 record of a zone, its signature checked. */
export interface VerifiedNsec3 {
  readonly hash: Uint8Array;
  readonly next: Uint8Array;
  readonly optOut: boolean;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly types: ReadonlySet<string>;
  readonly ttlSeconds: number;
}

const hashLength = 20;

/** The bytes of a label in base32 with the extended alphabet (RFC 4648 §7), as RFC 5155 §3 writes hashes. */
function fromBase32Hex(label: string): Uint8Array | undefined {
  if (!/^[0-9a-v]*$/.test(label)) return undefined;
  const bytes = new Uint8Array((label.length * 5) >>> 3);
  let [held, bits, at] = [0, 0, 0];
  for (const digit of label) {
    held = ((held << 5) | Number.parseInt(digit, 32)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >>> bits) & 0xff;
    }
  }
  return bytes;
}

/** Takes an NSEC3 record apart. Undefined where it is to be passed over (RFC 5155 §8.1, §8.2): another hash, unknown flags, another zone. */
export function createNsec3(record: DnsRecord<'NSEC3'>, zone: string, ttlSeconds: number): VerifiedNsec3 | undefined {
  const { algorithm, flags, iterations, salt, nextHash, types } = record.data;
  const bytes = fromBase32Hex(labelsOf(record.name)[0] ?? '');
  if (algorithm !== 1 || flags > 1 || parentName(record.name) !== zone) return undefined;
  if (bytes?.length !== hashLength || nextHash.length !== hashLength) return undefined;
  return { hash: bytes, next: nextHash, optOut: flags === 1, iterations, salt, types: new Set(types), ttlSeconds };
}

/** The hash of a name (RFC 5155 §5). */
export function hashName(name: string, salt: Uint8Array, iterations: number): Uint8Array {
  let digest = hash('sha1', concatBytes([encodeName(name), salt]));
  const input = concatBytes([digest, salt]);
  for (let i = 0; i < iterations; i++) {
    input.set(digest);
    digest = hash('sha1', input);
  }
  return digest;
}

function compareHashes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < hashLength; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

interface EncloserProof {
  readonly encloser: string;
  readonly nextCloser: string;
  /** Whether what is over the next closer name has the Opt-Out flag: there may be delegations without signatures. */
  readonly optOut: boolean;
}

/** Proofs by the NSEC3 records of one zone (RFC 5155 §8). */
export class Nsec3Proofs {
  readonly #zone: string;
  readonly #records: readonly VerifiedNsec3[];
  readonly #budget: WorkBudget;
  readonly #hashes = new Map<string, Uint8Array>();

  /** Records whose parameters differ from those of the first are passed over (RFC 5155 §8.2). */
  constructor(zone: string, records: readonly VerifiedNsec3[], budget: WorkBudget) {
    const [first] = records;
    this.#zone = zone;
    this.#budget = budget;
    this.#records = first ? records.filter(({ iterations, salt }) => iterations === first.iterations && equalBytes(salt, first.salt)) : [];
  }

  /** Whether names are hashed more often than we do it (RFC 9276 §3.2). */
  get tooManyIterations(): boolean {
    return (this.#records[0]?.iterations ?? 0) > this.#budget.limits.nsec3IterationLimit;
  }

  #hash(name: string): Uint8Array | undefined {
    const known = this.#hashes.get(name);
    const [first] = this.#records;
    if (known || !first || !this.#budget.takeHashes(first.iterations + 1)) return known;
    const digest = hashName(name, first.salt, first.iterations);
    this.#hashes.set(name, digest);
    return digest;
  }

  #at(name: string): VerifiedNsec3 | undefined {
    const digest = this.#hash(name);
    return digest && this.#records.find((record) => equalBytes(record.hash, digest));
  }

  #over(name: string): VerifiedNsec3 | undefined {
    const digest = this.#hash(name);
    return (
      digest &&
      this.#records.find(({ hash: from, next: to }) => {
        if (compareHashes(from, to) < 0) return compareHashes(from, digest) < 0 && compareHashes(digest, to) < 0;
        return compareHashes(from, digest) < 0 || compareHashes(digest, to) < 0;
      })
    );
  }

  /** RFC 5155 §8.3: the longest name above one that is there, and that the name below it is not; or why that is not proven. */
  #closestEncloser(name: string): EncloserProof | string {
    const labels = labelsOf(name);
    const least = labelsOf(this.#zone).length;
    for (let count = labels.length - 1; count >= least; count--) {
      const encloser = lastLabels(labels, count);
      const record = this.#at(encloser);
      if (!record) continue;
      if (isDelegation(record.types) || record.types.has('DNAME')) return `NSEC3 of ${encloser}. cannot speak of what is below`;
      const nextCloser = lastLabels(labels, count + 1);
      const over = this.#over(nextCloser);
      return over ? { encloser, nextCloser, optOut: over.optOut } : `no NSEC3 over ${nextCloser}.`;
    }
    return `no NSEC3 of a name above ${name}.`;
  }

  #typeAt(name: string, record: VerifiedNsec3, type: string, optOut: boolean): Absence {
    const fault = deniesType(record.types, type, name);
    if (fault !== undefined) return { proves: 'nothing', detail: `NSEC3 of ${name}.: ${fault}` };
    return { proves: 'nodata', types: record.types, optOut, detail: `NSEC3 of ${name}. has no ${type}` };
  }

  /** That a name has no records of a type (RFC 5155 §8.5, §8.6, §8.7). */
  denyType(name: string, type: string): Absence {
    const exact = this.#at(name);
    if (exact) return this.#typeAt(name, exact, type, false);
    const proof = this.#closestEncloser(name);
    if (typeof proof === 'string') return { proves: 'nothing', detail: proof };
    const wildcard = wildcardBelow(proof.encloser);
    const record = this.#at(wildcard);
    if (record) return this.#typeAt(wildcard, record, type, proof.optOut);
    // Only delegations without signatures, and names that are there for their sake, may hide behind Opt-Out.
    if (proof.optOut) return { proves: 'nodata', optOut: true, detail: `NSEC3 with Opt-Out over ${proof.nextCloser}.` };
    return { proves: 'nothing', detail: `${proof.nextCloser}. is not there, and there is no NSEC3 of ${wildcard}.` };
  }

  /** That a name is not there, nor a wildcard for it (RFC 5155 §8.4). */
  denyName(name: string): Absence {
    const proof = this.#closestEncloser(name);
    if (typeof proof === 'string') return { proves: 'nothing', detail: proof };
    const wildcard = wildcardBelow(proof.encloser);
    if (!this.#over(wildcard)) return { proves: 'nothing', detail: `no NSEC3 over ${wildcard}.` };
    const detail = `NSEC3 of ${proof.encloser}., over ${proof.nextCloser}. and over ${wildcard}.`;
    return { proves: 'nxdomain', optOut: proof.optOut, detail };
  }

  /** That a wildcard right below a name was the right one to stand for another (RFC 5155 §8.8). */
  denyCloser(name: string, encloser: string): Absence {
    if (!isAtOrBelow(encloser, this.#zone)) return { proves: 'nothing', detail: `${encloser}. is not of the zone` };
    const nextCloser = lastLabels(labelsOf(name), labelsOf(encloser).length + 1);
    const over = this.#over(nextCloser);
    if (!over) return { proves: 'nothing', detail: `no NSEC3 over ${nextCloser}.` };
    return { proves: 'nxdomain', optOut: over.optOut, detail: `NSEC3 over ${nextCloser}.` };
  }
}
