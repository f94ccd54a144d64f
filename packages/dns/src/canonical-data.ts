import { concatBytes } from '@mox/runtime';
import { encodeName } from './name.ts';
import type { WireReader } from './wire.ts';

/** A field of data: a name, a character string, or so many bytes. */
type Field = 'name' | 'string' | number;

/**
 * Fields of the types whose names are written without compression and in lower case (RFC 4034 §6.2; RFC 6840 §5.1 takes NSEC off
 * the list). What follows the last field is as it came. HINFO is on the list but has no names; A6 and NXT are of the past.
 */
const layouts: ReadonlyMap<number, readonly Field[]> = new Map<number, readonly Field[]>([
  [2, ['name']], // NS
  [3, ['name']], // MD
  [4, ['name']], // MF
  [5, ['name']], // CNAME
  [6, ['name', 'name']], // SOA
  [7, ['name']], // MB
  [8, ['name']], // MG
  [9, ['name']], // MR
  [12, ['name']], // PTR
  [14, ['name', 'name']], // MINFO
  [15, [2, 'name']], // MX
  [17, ['name', 'name']], // RP
  [18, [2, 'name']], // AFSDB
  [21, [2, 'name']], // RT
  [24, [18, 'name']], // SIG
  [26, [2, 'name', 'name']], // PX
  [33, [6, 'name']], // SRV
  [35, [4, 'string', 'string', 'string', 'name']], // NAPTR
  [36, [2, 'name']], // KX
  [39, ['name']], // DNAME
  [46, [18, 'name']], // RRSIG
]);

function readField(reader: WireReader, field: Field): Uint8Array {
  if (field === 'name') return encodeName(reader.name());
  const start = reader.at;
  const length = field === 'string' ? 1 + reader.uint8() : field;
  reader.at = start;
  return reader.take(length);
}

/** Data of a record in canonical form (RFC 4034 §6.2): from an offset to the reader's end, which is where the reader is left. */
export function canonicalData(reader: WireReader, typeNumber: number, start: number): Uint8Array {
  reader.at = start;
  const layout = layouts.get(typeNumber);
  if (!layout) return reader.rest();
  const parts = layout.map((field) => readField(reader, field));
  parts.push(reader.rest());
  return concatBytes(parts);
}
