import type { RecordType } from './record.ts';

/** Numbers of the record types of `RecordData` (RFC 1035 §3.2.2 and the RFC of each type). */
const numbers: Readonly<Record<RecordType, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SVCB: 64,
  HTTPS: 65,
  CAA: 257,
};

/** Names of types by number: those above, and others that bit maps and questions often name. */
const names: ReadonlyMap<number, string> = new Map<number, string>([
  ...Object.entries(numbers).map(([name, number]): [number, string] => [number, name]),
  ...([
    [13, 'HINFO'],
    [17, 'RP'],
    [18, 'AFSDB'],
    [24, 'SIG'],
    [25, 'KEY'],
    [29, 'LOC'],
    [35, 'NAPTR'],
    [36, 'KX'],
    [37, 'CERT'],
    [41, 'OPT'],
    [42, 'APL'],
    [44, 'SSHFP'],
    [45, 'IPSECKEY'],
    [49, 'DHCID'],
    [53, 'SMIMEA'],
    [55, 'HIP'],
    [59, 'CDS'],
    [60, 'CDNSKEY'],
    [61, 'OPENPGPKEY'],
    [62, 'CSYNC'],
    [63, 'ZONEMD'],
    [128, 'NXNAME'],
    [99, 'SPF'],
    [252, 'AXFR'],
    [255, 'ANY'],
    [256, 'URI'],
    [32769, 'DLV'],
  ] satisfies [number, string][]),
]);

const numbersByName: ReadonlyMap<string, number> = new Map([...names].map(([number, name]) => [name, number]));

/** Whether a name is that of a type of `RecordData`. */
export function isRecordType(name: string): name is RecordType {
  return Object.hasOwn(numbers, name);
}

const typed: ReadonlyMap<number, RecordType> = new Map(Object.entries(numbers).map(([name, number]) => [number, name as RecordType]));

/** The type of `RecordData` with a number; undefined for all others. */
export function recordTypeOf(number: number): RecordType | undefined {
  return typed.get(number);
}

/** The name of a record type by its number; `TYPE65280` where it has none here (RFC 3597 §5). */
export function formatRecordType(number: number): string {
  return names.get(number) ?? `TYPE${number}`;
}

/** The number of a record type by its name, `TYPE65280` included (RFC 3597 §5). Undefined where there is none. */
export function parseRecordType(name: string): number | undefined {
  const upper = name.toUpperCase();
  const known = numbersByName.get(upper);
  if (known !== undefined || !/^TYPE\d{1,5}$/.test(upper)) return known;
  const number = Number(upper.slice(4));
  return number <= 0xffff ? number : undefined;
}
