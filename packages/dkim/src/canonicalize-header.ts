import { emptyBytes, fromLatin1, uninitializedBytes } from '@mox/runtime';
import type { RawField } from './header-fields.ts';
import { skipBlanks } from './tag-list.ts';

/** How a header field or a body is brought into one form before it is hashed (RFC 6376 §3.4). */
export type Canonicalization = 'simple' | 'relaxed';

const tab = 9;
const lf = 10;
const cr = 13;
const space = 32;
const colonCode = 58;
const equalsSign = 61;
const letterB = 98;

/** A stretch of bytes. */
interface Stretch {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Copies bytes and returns the offset behind them. Few are copied faster by hand. */
function copyStretch({ bytes, start, end }: Stretch, output: Uint8Array, at: number): number {
  if (end - start > 256) {
    output.set(bytes.subarray(start, end), at);
    return at + end - start;
  }
  let to = at;
  for (let from = start; from < end; from++) output[to++] = bytes[from] as number;
  return to;
}

/** Writes a value, or the end of one: lines unfolded, white space reduced to one space, none at either end (RFC 6376 §3.4.2). */
function writeRelaxedValue({ bytes, start, end }: Stretch, output: Uint8Array, at: number): number {
  let to = at;
  let blank = false;
  for (let from = start; from < end; from++) {
    const code = bytes[from] as number;
    if (code === space || code === tab) blank = true;
    else if (code === cr && from + 1 < bytes.length && bytes[from + 1] === lf) from++;
    else {
      if (blank && to > at) output[to++] = space;
      blank = false;
      output[to++] = code;
    }
  }
  return to;
}

function writeRelaxedName(nameLower: string, output: Uint8Array, at: number): number {
  let to = at;
  for (let from = 0; from < nameLower.length; from++) output[to++] = nameLower.charCodeAt(from);
  output[to++] = colonCode;
  return to;
}

/** Offset of the last CRLF of a field, or its end where it has none. */
function contentEnd({ text, end }: RawField): number {
  return text.charCodeAt(end - 1) === lf && text.charCodeAt(end - 2) === cr ? end - 2 : end;
}

/** The bytes of the text that a field stands in: they are gone through in half the time that characters take. */
class TextBytes {
  #text = '';
  #bytes: Uint8Array = emptyBytes;

  /** Those of the last text are kept. */
  of(field: RawField): Uint8Array {
    if (field.text !== this.#text) {
      this.#text = field.text;
      this.#bytes = fromLatin1(field.text);
    }
    return this.#bytes;
  }
}

/** Writes a field in canonical form, without its last CRLF, and returns the offset behind it. It never grows. */
function writeField(field: RawField, bytes: Uint8Array, canonicalization: Canonicalization, output: Uint8Array, at: number): number {
  if (canonicalization === 'simple') return copyStretch({ bytes, start: field.start, end: contentEnd(field) }, output, at);
  return writeRelaxedValue({ bytes, start: field.colon + 1, end: field.end }, output, writeRelaxedName(field.nameLower, output, at));
}

/** As `writeField`, of a signature whose tag `b` is to be without a value. */
function writeUnsigned(field: RawField, bytes: Uint8Array, canonicalization: Canonicalization, output: Uint8Array, at: number): number {
  const value = findSignatureValue(field);
  const rest = { bytes, start: value.end, end: contentEnd(field) };
  if (canonicalization === 'simple')
    return copyStretch(rest, output, copyStretch({ bytes, start: field.start, end: value.start }, output, at));
  // The value stands between "=" and ";": no white space is parted.
  const named = writeRelaxedName(field.nameLower, output, at);
  return writeRelaxedValue(rest, output, writeRelaxedValue({ bytes, start: field.colon + 1, end: value.start }, output, named));
}

/** A field in canonical form, without its last CRLF (RFC 6376 §3.4.1, §3.4.2). */
export function canonicalizeField(field: RawField, canonicalization: Canonicalization): Uint8Array {
  const output = new Uint8Array(field.end - field.start);
  return output.subarray(0, writeField(field, fromLatin1(field.text), canonicalization, output, 0));
}

/** Writes what signatures sign of a header section. Each field is canonicalized once, however many signatures there are. */
export class SignedHeader {
  /** Where in what was written before the relaxed form of a field stands; not kept for a single signature. */
  readonly #relaxed: Map<RawField, Stretch> | undefined;
  readonly #section = new TextBytes();

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
    const output = uninitializedBytes(most);
    let at = 0;
    for (const field of fields) {
      at = this.#writeField(field, canonicalization, output, at);
      output[at++] = cr;
      output[at++] = lf;
    }
    // A signature that is being made stands in a text of its own.
    const bytes = own.start > 0 || own.end < own.text.length ? this.#section.of(own) : fromLatin1(own.text);
    return output.subarray(0, writeUnsigned(own, bytes, canonicalization, output, at));
  }

  #writeField(field: RawField, canonicalization: Canonicalization, output: Uint8Array, at: number): number {
    if (canonicalization === 'simple' || !this.#relaxed) return writeField(field, this.#section.of(field), canonicalization, output, at);
    const known = this.#relaxed.get(field);
    if (known) return copyStretch(known, output, at);
    const end = writeField(field, this.#section.of(field), 'relaxed', output, at);
    this.#relaxed.set(field, { bytes: output, start: at, end });
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
