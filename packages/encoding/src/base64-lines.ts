import { fromBase64, indexOfByte, toLatin1 } from '@mox/runtime';
import { digitValues } from './base64-digits.ts';
import { countEquals, isBlank } from './base64-stretch.ts';

const lineFeed = 10;
const padCode = 0x3d;
/** Shorter pieces are not worth the way into the platform's decoder. */
export const nativeFrom = 64;

/** The next line end at or behind an index, -1 where there is none. Most are near: the platform's search is for those that are not. */
export function findLineEnd(bytes: Uint8Array, from: number): number {
  const near = Math.min(bytes.length, from + 100);
  for (let at = from; at < near; at++) if (bytes[at] === lineFeed) return at;
  return near === bytes.length ? -1 : indexOfByte(bytes, lineFeed, near);
}

/** Length without the line ends and padding that the bytes end with. */
function trimmedLength(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 13 || bytes[end - 1] === lineFeed || bytes[end - 1] === padCode)) end--;
  return end;
}

/**
 * Number of digits in bytes that are digits in lines of one length, as MIME writes them, the last line apart; -1 where the lines
 * are not so. Only line ends are looked at: whether all else is digits shows when it is decoded.
 */
function countUniform(bytes: Uint8Array): number {
  const first = bytes.indexOf(lineFeed);
  if (first < 0) return bytes.length;
  const lineEnd = bytes[first - 1] === 13 ? 2 : 1;
  const second = bytes.indexOf(lineFeed, first + 1);
  const period = second < 0 ? bytes.length : second - first;
  let breaks = 0;
  let at = first;
  for (; at < bytes.length; at += period) {
    if (bytes[at] !== lineFeed || (lineEnd === 2 && bytes[at - 1] !== 13)) return -1;
    breaks++;
  }
  return bytes.length - breaks * lineEnd;
}

/** One past the last of the lines of one length that start at an index, and how many digits they have if all but line ends is digits. */
export function uniformLinesEnd(bytes: Uint8Array, from: number): { readonly end: number; readonly digits: number } {
  const first = findLineEnd(bytes, from);
  if (first < 0) return { end: from, digits: 0 };
  const period = first + 1 - from;
  const lineEnd = bytes[first - 1] === 13 ? 2 : 1;
  let end = first + 1;
  while (bytes[end + period - 1] === lineFeed && (lineEnd === 1 || bytes[end + period - 2] === 13)) end += period;
  return { end, digits: ((end - from) / period) * (period - lineEnd) };
}

/** Whether a first line of so many digits is base64 for sure: see `startsData`. */
function isSureStart(bytes: Uint8Array): boolean {
  const first = bytes.indexOf(lineFeed);
  const digits = first < 0 ? bytes.length : first - (bytes[first - 1] === 13 ? 1 : 0);
  return digits >= 40 || (digits >= 4 && digits % 4 === 0);
}

/** Decodes by the platform alone what is digits in uniform lines and ends as it should; undefined for all else. */
export function decodeTidy(bytes: Uint8Array): Uint8Array | undefined {
  const end = bytes.length < nativeFrom ? 0 : trimmedLength(bytes);
  const trimmed = bytes.subarray(0, end);
  const count = end > 0 && isSureStart(trimmed) ? countUniform(trimmed) : -1;
  const group = count % 4;
  if (count < 4 || group === 1 || (group > 1 && countEquals(bytes, end, end + 4 - group) < 4 - group)) return undefined;
  // A text is searched faster than bytes are. Lines of hyphens may be drawn ones.
  const text = toLatin1(bytes, 0, end);
  if (text.includes('-') || text.includes('_')) return undefined;
  const decoded = fromBase64(text);
  // Anything that is no digit, padding among it, would have made fewer bytes.
  return decoded?.length === Math.floor((count * 3) / 4) ? decoded : undefined;
}

/** Offset behind so many digits, counted from the start. */
export function behindDigits(bytes: Uint8Array, count: number): number {
  let at = 0;
  for (let left = count; left > 0 && at < bytes.length; at++) left -= (digitValues[bytes[at] as number] as number) >= 0 ? 1 : 0;
  return at;
}

/** Offset of the last so many digits, counted from the end. */
function beforeDigits(bytes: Uint8Array, count: number): number {
  let at = bytes.length;
  for (let left = count; left > 0 && at > 0; ) left -= (digitValues[bytes[--at] as number] as number) >= 0 ? 1 : 0;
  return at;
}

/** Decodes bytes of which so many are said to be digits, and the rest line ends; undefined where that is not so. */
export function decodeWhole(bytes: Uint8Array, count: number): { readonly decoded: Uint8Array; readonly used: number } | undefined {
  if (count < 4) return undefined;
  const used = beforeDigits(bytes, count % 4);
  const decoded = fromBase64(bytes.subarray(0, used));
  return decoded?.length === ((count - (count % 4)) / 4) * 3 ? { decoded, used } : undefined;
}

/** One past the last line, from an index on, in which there is nothing but digits of RFC 2045's alphabet, blanks at its ends apart. */
export function tidyLinesEnd(bytes: Uint8Array, from: number): { readonly end: number; readonly digits: number } {
  let end = from;
  let digits = 0;
  let inLine = 0;
  let closed = false;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if ((digitValues[byte] as number) >= 0) {
      if (closed || byte === 0x2d || byte === 0x5f) break;
      inLine++;
    } else if (byte === lineFeed) {
      end = at + 1;
      digits += inLine;
      inLine = 0;
      closed = false;
    } else if (!isBlank(byte)) break;
    else closed = inLine > 0;
  }
  return { end, digits };
}
