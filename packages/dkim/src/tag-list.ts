import { fromUtf8, toUtf8 } from '@mox/runtime';
import { hexValue, ok, parseError, type Result } from '@mox/syntax';

/** A tag-list (RFC 6376 §3.2): values by tag name, in the order they stand, white space around them taken off. */
export type TagList = ReadonlyMap<string, string>;

const tab = 9;
const lf = 10;
const cr = 13;
const space = 32;
const semicolon = 59;
const equalsSign = 61;

/** Whether a character is white space, CR or LF. */
export function isBlank(code: number): boolean {
  return code === space || code === tab || code === cr || code === lf;
}

/** Offset behind the white space, CR and LF that begin at `start`. */
export function skipBlanks(text: string, start: number): number {
  let at = start;
  // Looking at no character beyond the end keeps the loop in whole numbers, and twice as fast.
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at;
}

/** Offset behind the last character before `end` that is no white space, CR or LF; `start` where there is none. */
function skipBlanksBack(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

/** Offset behind the ALPHA *ALNUMPUNC that begins at `start`. */
function skipTagName(text: string, start: number, end: number): number {
  if (start >= end || !isLetter(text.charCodeAt(start))) return start;
  let at = start + 1;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (!isLetter(code) && !(code >= 48 && code <= 57) && code !== 95) break;
  }
  return at;
}

/** The characters below U+0080 that no value holds: a semicolon, and what is neither VALCHAR nor folding white space (RFC 6376 §3.2). */
const endsValue: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 128 }, (_, code) =>
  Number(code === semicolon || (code < space && !isBlank(code)) || code === 127),
);

/** Offset of what ends the value that begins at `start`. What is beyond ASCII does not: RFC 8616 §5 lets it in. */
function findValueEnd(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && endsValue[text.charCodeAt(at)] !== 1) at++;
  return at;
}

/** The tag at an offset, for people; its beginning where it is long. */
function quoteTag(text: string, at: number, end: number): string {
  const semicolonAt = text.indexOf(';', at);
  const tagEnd = Math.min(semicolonAt < 0 ? end : semicolonAt, end, at + 40);
  return JSON.stringify(text.slice(at, skipBlanksBack(text, at, tagEnd)));
}

/**
 * Reads a tag-list, from `start` to `end` where these are given. A tag that stands twice, a wrong name or a wrong character makes
 * the whole list invalid (RFC 6376 §3.2).
 */
export function parseTagList(text: string, start: number = 0, end: number = text.length): Result<TagList> {
  const tags = new Map<string, string>();
  for (let at = start; at <= end; ) {
    const nameStart = skipBlanks(text, at);
    // Only behind the last semicolon may there be nothing.
    if (nameStart >= end && tags.size > 0) break;
    const nameEnd = skipTagName(text, nameStart, end);
    const equals = skipBlanks(text, nameEnd);
    if (nameEnd === nameStart) return parseError(at, `not a tag name: ${quoteTag(text, nameStart, end)}`);
    if (equals >= end || text.charCodeAt(equals) !== equalsSign)
      return parseError(at, `a tag without "=": ${quoteTag(text, nameStart, end)}`);
    const name = text.slice(nameStart, nameEnd);
    if (tags.has(name)) return parseError(at, `tag "${name}" a second time`);
    const valueStart = skipBlanks(text, equals + 1);
    at = findValueEnd(text, valueStart, end);
    if (at < end && text.charCodeAt(at) !== semicolon) return parseError(at, `a character that tag "${name}" must not have`);
    tags.set(name, text.slice(valueStart, skipBlanksBack(text, valueStart, at)));
    at++;
  }
  return tags.size > 0 ? ok(tags) : parseError(start, 'no tags');
}

/** Takes all folding white space out of a value: for base64 and for lists (RFC 6376 §3.5). */
export function withoutBlanks(value: string): string {
  return value.replace(/[ \t\r\n]+/g, '');
}

/** Items of a colon-separated list; white space around the colons is taken off (RFC 6376 §3.5). */
export function splitColons(value: string): string[] {
  const items: string[] = [];
  for (let at = 0; at <= value.length; at++) {
    const start = skipBlanks(value, at);
    const colon = value.indexOf(':', at);
    at = colon < 0 ? value.length : colon;
    items.push(start < at ? value.slice(start, skipBlanksBack(value, start, at)) : '');
  }
  return items;
}

/** Writes dkim-quoted-printable (RFC 6376 §2.11). What is beyond ASCII is quoted too, as messages without UTF-8 header fields need it. */
export function encodeDkimQuotedPrintable(text: string): string {
  let encoded = '';
  for (const byte of fromUtf8(text)) {
    const isSafe = byte > space && byte < 127 && byte !== semicolon && byte !== equalsSign;
    encoded += isSafe ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** Undoes dkim-quoted-printable (RFC 6376 §2.11): white space is ignored, `=XX` is a byte. Undefined where a `=` begins no byte. */
export function decodeDkimQuotedPrintable(value: string): string | undefined {
  const text = withoutBlanks(value);
  if (!text.includes('=')) return text;
  if (/=(?![0-9A-F]{2})/.test(text)) return undefined;
  const bytes = fromUtf8(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte !== equalsSign) bytes[length++] = byte;
    else {
      bytes[length++] = (hexValue(bytes[at + 1] as number) << 4) | hexValue(bytes[at + 2] as number);
      at += 2;
    }
  }
  return toUtf8(bytes.subarray(0, length));
}
