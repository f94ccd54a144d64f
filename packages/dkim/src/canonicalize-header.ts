import type { RawField } from './header-fields.ts';
import { skipBlanks } from './tag-list.ts';

/** How a header field or a body is brought into one form before it is hashed (RFC 6376 §3.4). */
export type Canonicalization = 'simple' | 'relaxed';

const tab = 9;
const lf = 10;
const cr = 13;
const space = 32;
const equalsSign = 61;
const letterB = 98;

/** Writes characters as bytes and returns the offset behind them. */
function writeText(text: string, start: number, end: number, output: Uint8Array, at: number): number {
  let to = at;
  for (let from = start; from < end; from++) output[to++] = text.charCodeAt(from);
  return to;
}

/** Writes a value, or the end of one: lines unfolded, white space reduced to one space, none at either end (RFC 6376 §3.4.2). */
function writeRelaxedValue(text: string, start: number, end: number, output: Uint8Array, at: number): number {
  let to = at;
  let blank = false;
  for (let from = start; from < end; from++) {
    const code = text.charCodeAt(from);
    if (code === space || code === tab) blank = true;
    else if (code === cr && text.charCodeAt(from + 1) === lf) from++;
    else {
      if (blank && to > at) output[to++] = space;
      blank = false;
      output[to++] = code;
    }
  }
  return to;
}

function writeRelaxedName(nameLower: string, output: Uint8Array, at: number): number {
  const colon = writeText(nameLower, 0, nameLower.length, output, at);
  output[colon] = 58;
  return colon + 1;
}

/** Offset of the last CRLF of a field, or its end where it has none. */
function contentEnd({ text, end }: RawField): number {
  return text.charCodeAt(end - 1) === lf && text.charCodeAt(end - 2) === cr ? end - 2 : end;
}

/** Writes a field in canonical form, without its last CRLF, and returns the offset behind it. It never grows. */
function writeField(field: RawField, canonicalization: Canonicalization, output: Uint8Array, at: number): number {
  if (canonicalization === 'simple') return writeText(field.text, field.start, contentEnd(field), output, at);
  return writeRelaxedValue(field.text, field.colon + 1, field.end, output, writeRelaxedName(field.nameLower, output, at));
}

/** As `writeField`, of a signature whose tag `b` is to be without a value. */
function writeUnsigned(field: RawField, canonicalization: Canonicalization, output: Uint8Array, at: number): number {
  const { text, start, colon } = field;
  const value = findSignatureValue(field);
  const end = contentEnd(field);
  if (canonicalization === 'simple') return writeText(text, value.end, end, output, writeText(text, start, value.start, output, at));
  // The value stands between "=" and ";": no white space is parted.
  const named = writeRelaxedName(field.nameLower, output, at);
  return writeRelaxedValue(text, value.end, end, output, writeRelaxedValue(text, colon + 1, value.start, output, named));
}

/** A field in canonical form, without its last CRLF (RFC 6376 §3.4.1, §3.4.2). */
export function canonicalizeField(field: RawField, canonicalization: Canonicalization): Uint8Array {
  const output = new Uint8Array(field.end - field.start);
  return output.subarray(0, writeField(field, canonicalization, output, 0));
}

/** Where the canonical form of a field stands. */
interface Stretch {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Copies bytes and returns the offset behind them. A field is copied faster by hand, unless it is long. */
function copyStretch({ bytes, start, end }: Stretch, output: Uint8Array, at: number): number {
  if (end - start > 256) {
    output.set(bytes.subarray(start, end), at);
    return at + end - start;
  }
  let to = at;
  for (let from = start; from < end; from++) output[to++] = bytes[from] as number;
  return to;
}

/** Writes what signatures sign of a header section. Each field is canonicalized once, however many signatures there are. */
export class SignedHeader {
  /** Where in what was written before the relaxed form of a field stands; not kept for a single signature. */
  readonly #relaxed: Map<RawField, Stretch> | undefined;

  /** For so many signatures. */
  constructor(signatures: number) {
    this.#relaxed = signatures > 1 ? new Map() : undefined;
  }

  /**
   * The fields in canonical form, each with a CRLF, and behind them the field of the signature itself without one, its tag
   * `b` without a value (RFC 6376 §3.7, RFC 8617 §5.1.1).
   */
  write(fields: readonly RawField[], own: RawField, canonicalization: Canonicalization): Uint8Array {
    let most = own.end - own.start;
    for (const field of fields) most += field.end - field.start + 2;
    const output = new Uint8Array(most);
    let at = 0;
    for (const field of fields) {
      at = canonicalization === 'simple' ? writeField(field, 'simple', output, at) : this.#writeRelaxed(field, output, at);
      output[at++] = cr;
      output[at++] = lf;
    }
    return output.subarray(0, writeUnsigned(own, canonicalization, output, at));
  }

  #writeRelaxed(field: RawField, bytes: Uint8Array, start: number): number {
    const known = this.#relaxed?.get(field);
    if (known) return copyStretch(known, bytes, start);
    const end = writeField(field, 'relaxed', bytes, start);
    this.#relaxed?.set(field, { bytes, start, end });
    return end;
  }
}

/** Where the value of the tag `b` stands, with the white space around it (RFC 6376 §3.7); at the end of the field without one. */
function findSignatureValue(field: RawField): { readonly start: number; readonly end: number } {
  const { text } = field;
  const end = contentEnd(field);
  for (let at = field.colon + 1; at < end; at++) {
    const name = skipBlanks(text, at);
    const equals = skipBlanks(text, name + 1);
    const isFound = text.charCodeAt(name) === letterB && text.charCodeAt(equals) === equalsSign && equals < end;
    const next = text.indexOf(';', at);
    at = next < 0 || next > end ? end : next;
    if (isFound) return { start: equals + 1, end: at };
  }
  return { start: end, end };
}
