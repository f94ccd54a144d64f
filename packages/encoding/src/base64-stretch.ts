import { digitValues } from './base64-digits.ts';

/** What a line of a body in base64 holds: all of it, or as much as padding ends. */
export interface Base64Stretch {
  /** One past its last byte; padding belongs to it. */
  readonly end: number;
  readonly digits: number;
  /** Length of the padding that ends it; 0 where none does. */
  readonly padding: number;
  /** Bytes that are neither digits nor blanks. */
  readonly strays: number;
  /** Where the first of them is, -1 for none. */
  readonly strayAt: number;
  /** Places where blanks stand between digits. */
  readonly gaps: number;
  /** Whether all that stands between blanks and strays is whole groups of digits. */
  readonly whole: boolean;
  /** Whether each digit is one that base64 of RFC 2045 does not have: `-` or `_`, of which people draw lines. */
  readonly drawn: boolean;
}

/** Whether a byte is white space within a line. */
export function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 13;
}

/** Length of the run of `=` at a place. */
export function countEquals(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] === 0x3d) at++;
  return at - from;
}

/**
 * Whether a run of `=` ends the data, behind so many digits of a group: where it fills the group, or ends the line. One in the midst of a
 * line that does neither is a stray (RFC 2045 §6.8: it may be taken for the end; Python's email package, too, goes on).
 */
export function endsData(bytes: Uint8Array, equals: { readonly at: number; readonly length: number }, to: number, group: number): boolean {
  if (group >= 2 && group + equals.length >= 4) return true;
  let behind = equals.at + equals.length;
  while (behind < to && isBlank(bytes[behind])) behind++;
  return behind === to;
}

/** Looks at the bytes of a line from one index to another. `pending` digits of a group stand before it. */
export function lookAtStretch(bytes: Uint8Array, range: { readonly from: number; readonly to: number }, pending: number): Base64Stretch {
  const { from, to } = range;
  let digits = 0;
  let piece = 0;
  let drawn = 0;
  let strays = 0;
  let strayAt = -1;
  let gaps = 0;
  let whole = true;
  let blank = false;
  let padding = 0;
  let at = from;
  for (; at < to; at++) {
    const byte = bytes[at] as number;
    if ((digitValues[byte] as number) >= 0) {
      if (blank && digits > 0) gaps++;
      blank = false;
      digits++;
      piece++;
      if (byte === 0x2d || byte === 0x5f) drawn++;
      continue;
    }
    const equals = byte === 0x3d ? countEquals(bytes, at, to) : 0;
    if (equals > 0 && endsData(bytes, { at, length: equals }, to, (pending + digits) % 4)) {
      padding = equals;
      at += equals;
      break;
    }
    whole &&= piece % 4 === 0;
    piece = 0;
    if (isBlank(byte)) blank = true;
    else {
      if (strayAt < 0) strayAt = at;
      strays += Math.max(1, equals);
      at += Math.max(0, equals - 1);
    }
  }
  whole &&= padding > 0 ? piece % 4 !== 1 : piece % 4 === 0;
  return { end: at, digits, padding, strays, strayAt, gaps, whole, drawn: drawn > 0 && drawn === digits };
}

/**
 * Whether a line is text that somebody put among base64: words with blanks between, a line drawn, or much that is no digit.
 *
 * deviates RFC 2045 §6.8: the letters of such lines are passed over too. Read as digits they are rubbish behind what was meant.
 */
export function isText({ digits, strays, gaps, whole, drawn }: Base64Stretch): boolean {
  if (drawn && digits > 1 && strays === 0) return true;
  if (digits === 0) return strays > 1;
  return gaps > 0 ? !whole && 12 * (gaps + strays) > digits : 2 * strays >= digits;
}

/**
 * Whether base64 starts with a line, where none was expected any more or none has been seen: nothing but digits, and those in whole
 * groups, or more in a row than a word has. Behind text a word is more likely than such a line: it must be longer, or padded.
 */
export function startsData({ digits, strays, gaps, whole, drawn, padding }: Base64Stretch, behindText: boolean): boolean {
  if (strays > 0 || gaps > 0 || digits === 0 || drawn) return false;
  return digits >= 40 || (whole && (padding > 0 || digits >= (behindText ? 20 : 4)));
}
