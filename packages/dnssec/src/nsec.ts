import { type DnsRecord, isAtOrBelow } from '@mox/dns';
import type { Absence } from './absence.ts';
import { compareLabels, countShared, labelsOf, lastLabels, wildcardBelow } from './name-order.ts';

/** An NSEC record of a zone, its signature checked. */
export interface VerifiedNsec {
  readonly name: string;
  readonly next: string;
  readonly types: ReadonlySet<string>;
  readonly ttlSeconds: number;
}

/** Takes an NSEC record apart. */
export function createNsec(record: DnsRecord<'NSEC'>, ttlSeconds: number): VerifiedNsec {
  return { name: record.name, next: record.data.next, types: new Set(record.data.types), ttlSeconds };
}

/** Whether a record at a delegation, of the zone above (RFC 6840 §4.1): it tells nothing of what is below, nor of types but DS. */
export function isDelegation(types: ReadonlySet<string>): boolean {
  return types.has('NS') && !types.has('SOA');
}

/** Whether a name comes between an NSEC record's own and the next (RFC 4034 §4.1.1); behind the last one comes the zone's own name. */
function isBetween(nsec: VerifiedNsec, labels: readonly string[]): boolean {
  const owner = labelsOf(nsec.name);
  const next = labelsOf(nsec.next);
  if (compareLabels(owner, labels) >= 0) return false;
  return compareLabels(labels, next) < 0 || compareLabels(next, owner) <= 0;
}

/** Whether an NSEC record may speak of a name below its own: not across a delegation or a DNAME (RFC 6840 §4.1). */
function speaksOf(nsec: VerifiedNsec, name: string): boolean {
  if (!isAtOrBelow(name, nsec.name)) return true;
  return !isDelegation(nsec.types) && !nsec.types.has('DNAME');
}

/** The longest name above one that an NSEC record over it proves to be there. */
function closestEncloser(nsec: VerifiedNsec, labels: readonly string[]): string {
  return lastLabels(labels, Math.max(countShared(labels, labelsOf(nsec.name)), countShared(labels, labelsOf(nsec.next))));
}

/** What types at a name say of one that is asked for: whether it is denied, and if not why (RFC 4035 §5.4, RFC 6840 §4.3). */
export function deniesType(types: ReadonlySet<string>, type: string, name: string): string | undefined {
  if (types.has(type)) return `${type} is there`;
  if (types.has('CNAME') && type !== 'NSEC') return 'there is an alias';
  // A DS record belongs to the zone above, all else to the zone below (RFC 4035 §5.2).
  if (type === 'DS') return types.has('SOA') && name !== '' ? 'it is of the zone below' : undefined;
  return isDelegation(types) ? 'it is of the zone above' : undefined;
}

/** Proofs by the NSEC records of one zone (RFC 4035 §5.4). */
export class NsecProofs {
  readonly #records: readonly VerifiedNsec[];

  constructor(records: readonly VerifiedNsec[]) {
    this.#records = records;
  }

  #over(name: string): VerifiedNsec | undefined {
    const labels = labelsOf(name);
    return this.#records.find((nsec) => isBetween(nsec, labels) && speaksOf(nsec, name));
  }

  #at(name: string, type: string): Absence | undefined {
    const nsec = this.#records.find((record) => record.name === name);
    if (!nsec) return undefined;
    const fault = deniesType(nsec.types, type, name);
    if (fault !== undefined) return { proves: 'nothing', detail: `NSEC of ${name}.: ${fault}` };
    // A server that signs while it answers denies a name by a record of its own, with the type NXNAME.
    const proves = nsec.types.has('NXNAME') ? 'nxdomain' : 'nodata';
    return { proves, types: nsec.types, optOut: false, detail: `NSEC ${name}. has no ${type}` };
  }

  /** That a name has no records of a type. */
  denyType(name: string, type: string): Absence {
    const exact = this.#at(name, type);
    if (exact) return exact;
    const over = this.#over(name);
    if (!over) return { proves: 'nothing', detail: `no NSEC at or over ${name}.` };
    // What the next name is below of is there, without records of its own (RFC 4592 §2.2.2).
    if (isAtOrBelow(over.next, name))
      return { proves: 'nodata', optOut: false, detail: `NSEC ${over.name}.: ${name}. has only names below it` };
    const wildcard = this.#at(wildcardBelow(closestEncloser(over, labelsOf(name))), type);
    return wildcard ?? { proves: 'nothing', detail: `NSEC ${over.name}. is over ${name}., but there is none of the wildcard` };
  }

  /** That a name is not there, nor a wildcard for it. */
  denyName(name: string): Absence {
    const over = this.#over(name);
    if (!over || isAtOrBelow(over.next, name)) return { proves: 'nothing', detail: `no NSEC over ${name}.` };
    const wildcard = wildcardBelow(closestEncloser(over, labelsOf(name)));
    const second = this.#over(wildcard);
    if (!second || isAtOrBelow(second.next, wildcard)) return { proves: 'nothing', detail: `no NSEC over ${wildcard}.` };
    return { proves: 'nxdomain', optOut: false, detail: `NSEC ${over.name}. is over ${name}., NSEC ${second.name}. over ${wildcard}.` };
  }

  /** That a wildcard right below a name was the right one to stand for another: nothing closer is there (RFC 4035 §5.3.4). */
  denyCloser(name: string, encloser: string): Absence {
    const over = this.#over(name);
    const labels = labelsOf(name);
    if (!over || isAtOrBelow(over.next, name)) return { proves: 'nothing', detail: `no NSEC over ${name}.` };
    const found = closestEncloser(over, labels);
    if (labelsOf(found).length > labelsOf(encloser).length) return { proves: 'nothing', detail: `${found}. is closer than the wildcard` };
    return { proves: 'nxdomain', optOut: false, detail: `NSEC ${over.name}. is over ${name}.` };
  }
}
