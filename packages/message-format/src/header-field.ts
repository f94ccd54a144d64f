import { indexOfByte, toLatin1, toUtf8Strict } from '@mox/runtime';
import { isBlank } from './blank.ts';

/** One field of a header section, as it stood and unfolded. Offsets are in bytes of the array that was parsed. */
export interface HeaderField {
  /** Name as it stood, without the whitespace that the obsolete syntax lets stand before the colon (RFC 5322 §4.5). */
  readonly name: string;
  /** Name in lower case. */
  readonly nameLower: string;
  /**
   * The value on one line: folding undone (RFC 5322 §2.2.3), whitespace at both ends taken off.
   * Bytes beyond ASCII are read as UTF-8 (RFC 6532 §3.2), as windows-1252 where they are not UTF-8. Encoded words are left alone.
   */
  readonly value: string;
  /** First byte of the name. */
  readonly start: number;
  /** First byte behind the colon. */
  readonly valueStart: number;
  /** One past the last byte, which is that of the field's last line end. The raw field is `start` to `end`. */
  readonly end: number;
}

/** What a walk over a header section meets. Offsets are characters of the text, one a byte. */
export interface FieldVisitor {
  /** A field. `false` ends the walk. */
  field(nameEnd: number, start: number, valueStart: number, end: number): boolean;
  /** Lines that are no field and do not continue one. `false` ends the walk. */
  junk(start: number, end: number): boolean;
}

const windows1252 = /* @__PURE__ */ new TextDecoder('windows-1252');
const beyondAscii = /[\x80-\xff]/;

/** Reads header bytes as text: ASCII, or UTF-8 (RFC 6532 §3.2), or for want of anything better windows-1252. */
export function decodeHeaderBytes(bytes: Uint8Array): string {
  const text = toLatin1(bytes);
  return beyondAscii.test(text) ? (toUtf8Strict(bytes) ?? windows1252.decode(bytes)) : text;
}

/** A header section as text with one character a byte, and how to read a piece of it. */
export interface SectionText {
  readonly text: string;
  /** The piece from one offset to another, decoded as `decodeHeaderBytes` does. */
  decode(start: number, end: number): string;
}

/** Reads a header section as text; where it is all ASCII, as nearly always, its pieces need no decoding. */
export function sectionText(bytes: Uint8Array): SectionText {
  const text = toLatin1(bytes);
  if (!beyondAscii.test(text)) return { text, decode: (start, end) => text.slice(start, end) };
  return { text, decode: (start, end) => decodeHeaderBytes(bytes.subarray(start, end)) };
}

const folds = /\r?\n(?=[ \t])/g;

/** Undoes folding (RFC 5322 §2.2.3) and takes the whitespace at both ends off. */
export function unfold(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  const inner = start === 0 && end === value.length ? value : value.slice(start, end);
  return inner.includes('\n') ? inner.replace(folds, '') : inner;
}

/** As `unfold`, for the value of a field that was found in a header section: each line end in it is followed by a blank. */
export function unfoldField(value: string): string {
  let start = 0;
  let end = value.length;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  const inner = value.slice(start, end);
  if (!inner.includes('\n')) return inner;
  const rest = inner.replaceAll('\r\n', '');
  return rest.includes('\n') ? rest.replaceAll('\n', '') : rest;
}

/** Makes the field that was found at a place of a section's text. */
export function makeField(
  section: SectionText,
  place: { readonly nameEnd: number; readonly start: number; readonly valueStart: number; readonly end: number },
): HeaderField {
  const { nameEnd, start, valueStart, end } = place;
  const name = section.text.slice(start, nameEnd);
  return { name, nameLower: name.toLowerCase(), value: unfoldField(section.decode(valueStart, end)), start, valueStart, end };
}

/** One past the last character of the name that starts at `start`: printable ASCII without colon (RFC 5322 §2.2). */
function fieldNameEnd(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code >= 127 || code === 58) break;
  }
  return at;
}

/** One past the last line end of the field that starts at `start`, continuation lines included. */
function fieldEnd(text: string, start: number): number {
  let end = text.indexOf('\n', start) + 1;
  while (end > 0 && end < text.length) {
    const next = text.charCodeAt(end);
    if (next !== 32 && next !== 9) return end;
    end = text.indexOf('\n', end) + 1;
  }
  return end > 0 ? end : text.length;
}

/** A byte order mark in UTF-8, one character a byte: nothing of a message, but some programs write it before one. */
const byteOrderMark = '\u00ef\u00bb\u00bf';

/** Goes over the fields of a header section and returns where its body starts: behind the empty line, or at the end. */
export function visitFields(text: string, visitor: FieldVisitor): number {
  let at = text.startsWith(byteOrderMark) ? byteOrderMark.length : 0;
  if (at > 0 && !visitor.junk(0, at)) return at;
  while (at < text.length) {
    const first = text.charCodeAt(at);
    if (first === 10) return at + 1;
    if (first === 13 && text.charCodeAt(at + 1) === 10) return at + 2;
    const end = fieldEnd(text, at);
    const nameEnd = fieldNameEnd(text, at);
    let colon = nameEnd;
    // RFC 5322 §4.5.8: the obsolete syntax lets whitespace stand before the colon.
    while (text.charCodeAt(colon) === 32 || text.charCodeAt(colon) === 9) colon++;
    const isField = nameEnd > at && text.charCodeAt(colon) === 58;
    if (!(isField ? visitor.field(nameEnd, at, colon + 1, end) : visitor.junk(at, end))) return end;
    at = end;
  }
  return at;
}

/**
 * Reads the header section at the start of a message or part: fields in their order, up to the empty line or the
 * end. Lines that are no field are passed over. Never fails (RFC 5322 §2.2, obsolete forms of RFC 5322 §4.5 included).
 */
export function parseHeaderFields(bytes: Uint8Array, limits?: { readonly headerFields?: number }): HeaderField[] {
  return readHeaderSection(bytes, limits).fields;
}

/** As `parseHeaderFields`, with the offset of the body: behind the empty line, or the length where there is none. */
export function readHeaderSection(
  bytes: Uint8Array,
  limits: { readonly headerFields?: number } = {},
): { readonly fields: HeaderField[]; readonly bodyStart: number } {
  const bodyStart = findHeaderEnd(bytes);
  return { fields: readFields(bytes.subarray(0, bodyStart), limits.headerFields ?? Number.POSITIVE_INFINITY), bodyStart };
}

/** The fields of a header section whose end is known. */
export function readFields(section: Uint8Array, most: number): HeaderField[] {
  const fields: HeaderField[] = [];
  const source = sectionText(section);
  visitFields(source.text, {
    field(nameEnd, start, valueStart, end) {
      fields.push(makeField(source, { nameEnd, start, valueStart, end }));
      return fields.length < most;
    },
    junk: () => true,
  });
  return fields;
}

/** Where the body of a message starts: behind the first empty line, or at the end of the bytes. */
export function findHeaderEnd(bytes: Uint8Array): number {
  let at = 0;
  for (;;) {
    const first = bytes[at];
    if (first === 10) return at + 1;
    if (first === 13 && bytes[at + 1] === 10) return at + 2;
    const lineEnd = indexOfByte(bytes, 10, at);
    if (lineEnd < 0) return bytes.length;
    at = lineEnd + 1;
  }
}

/** The first field of a name, given in lower case. */
export function findField(fields: readonly HeaderField[], nameLower: string): HeaderField | undefined {
  return fields.find((field) => field.nameLower === nameLower);
}

/** All fields of a name, given in lower case, in their order. */
export function findFields(fields: readonly HeaderField[], nameLower: string): HeaderField[] {
  return fields.filter((field) => field.nameLower === nameLower);
}
