import { type DnsRecord, formatRecordType, type MessageRecord } from '@mox/dns';

/** Records of one name and type, with the signatures over them (RFC 4034 §3). */
export interface Rrset {
  readonly name: string;
  /** Type by its name, as `MX` or `TYPE65280`. */
  readonly type: string;
  readonly records: readonly MessageRecord[];
  readonly signatures: readonly SignatureRecord[];
}

/** A signature, with its data in canonical form. */
export type SignatureRecord = DnsRecord<'RRSIG'> & { readonly canonicalData?: Uint8Array };

interface OpenRrset extends Rrset {
  readonly records: MessageRecord[];
  readonly signatures: SignatureRecord[];
}

/** The sets of records of a section, by name and type as `example.org MX`. What is not of class IN is left out. */
export function groupRrsets(records: readonly MessageRecord[]): ReadonlyMap<string, Rrset> {
  const sets = new Map<string, OpenRrset>();
  const open = (name: string, type: string): OpenRrset => {
    const key = `${name} ${type}`;
    const set = sets.get(key) ?? { name, type, records: [], signatures: [] };
    sets.set(key, set);
    return set;
  };
  for (const record of records) {
    if (record.type === 'RRSIG') open(record.name, record.data.typeCovered).signatures.push(record);
    else if (record.type !== 'opaque') open(record.name, record.type).records.push(record);
    else if (record.class === 1) open(record.name, formatRecordType(record.typeNumber)).records.push(record);
  }
  // Signatures over nothing are nothing.
  for (const [key, set] of sets) if (set.records.length === 0) sets.delete(key);
  return sets;
}

/** The time to live of a set: the shortest of its records, which should all be the same (RFC 2181 §5.2). */
export function ttlOf(rrset: Rrset): number {
  return rrset.records.reduce((least, record) => Math.min(least, record.ttlSeconds), 0x7fffffff);
}
