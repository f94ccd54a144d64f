import { ok, parseError, type Result } from '@mox/syntax';

/** A tag-list (RFC 6376 §3.2): values by tag name, in the order they stand, white space around them taken off. */
export type TagList = ReadonlyMap<string, string>;

const tagName = /^[A-Za-z][A-Za-z0-9_]*$/;
// All but VALCHAR, folding white space, and what RFC 8616 §5 adds: everything beyond ASCII. A semicolon is never within a value.
const badValue = /[^\x20-\x7e\t\r\n\x80-\uffff]/;

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 13 || code === 10;
}

/** Offset behind the white space, CR and LF that begin at `start`. */
export function skipBlanks(text: string, start: number): number {
  let at = start;
  while (isBlank(text.charCodeAt(at))) at++;
  return at;
}

/** The text between two offsets without the white space at both ends. In linear time, whatever it is. */
function trimmed(text: string, start: number, end: number): string {
  const from = Math.min(skipBlanks(text, start), end);
  let to = end;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** Reads a tag-list. A tag that stands twice, a wrong name or a wrong character makes the whole list invalid (RFC 6376 §3.2). */
export function parseTagList(text: string): Result<TagList> {
  const tags = new Map<string, string>();
  const mayBeBad = badValue.test(text);
  for (let at = 0; at <= text.length; ) {
    const semicolon = text.indexOf(';', at);
    const end = semicolon < 0 ? text.length : semicolon;
    const equals = text.indexOf('=', at);
    if (equals < 0 || equals >= end) {
      // Only behind the last semicolon may there be nothing.
      if (semicolon < 0 && tags.size > 0 && trimmed(text, at, end) === '') break;
      return parseError(at, 'a tag without "="');
    }
    const name = trimmed(text, at, equals);
    const value = trimmed(text, equals + 1, end);
    if (!tagName.test(name)) return parseError(at, 'not a tag name');
    if (tags.has(name)) return parseError(at, `tag "${name}" a second time`);
    if (mayBeBad && badValue.test(value)) return parseError(equals + 1, `a character that tag "${name}" must not have`);
    tags.set(name, value);
    at = end + 1;
  }
  return ok(tags);
}

/** Takes all folding white space out of a value: for base64 and for lists (RFC 6376 §3.5). */
export function withoutBlanks(value: string): string {
  return value.replace(/[ \t\r\n]+/g, '');
}

/** Items of a colon-separated list; white space around the colons is taken off (RFC 6376 §3.5). */
export function splitColons(value: string): string[] {
  const items: string[] = [];
  let start = 0;
  for (let colon = value.indexOf(':'); colon >= 0; colon = value.indexOf(':', start)) {
    items.push(trimmed(value, start, colon));
    start = colon + 1;
  }
  items.push(trimmed(value, start, value.length));
  return items;
}

/** Undoes dkim-quoted-printable (RFC 6376 §2.11): white space is ignored, `=XX` is a byte. Undefined where a `=` begins no byte. */
export function decodeDkimQuotedPrintable(value: string): string | undefined {
  const text = withoutBlanks(value);
  if (!text.includes('=')) return text;
  if (/=(?![0-9A-F]{2})/.test(text)) return undefined;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const piece of text.split(/(=[0-9A-F]{2})/)) {
    if (/^=[0-9A-F]{2}$/.test(piece)) bytes.push(Number.parseInt(piece.slice(1), 16));
    else bytes.push(...encoder.encode(piece));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
