import * as platform from '#platform';

/** Bytes of a text whose characters are all below U+0100; of the others the low eight bits. */
export const fromLatin1: (text: string) => Uint8Array = platform.fromLatin1;

/** A text with one character for each byte, U+0000 to U+00FF; of the bytes from `start` to `end` where these are given. */
export const toLatin1: (bytes: Uint8Array, start?: number, end?: number) => string = platform.toLatin1;

/** Where a byte first stands at or after the offset `from`, -1 for nowhere: the end of a line in much input, at the platform's best speed. */
export const indexOfByte: (bytes: Uint8Array, byte: number, from: number) => number = platform.indexOfByte;

/** Base64 with padding, on one line (RFC 4648 §4). */
export const toBase64: (bytes: Uint8Array) => string = platform.toBase64;

/**
 * The bytes of base64 whose padding, if any, is at its end (RFC 4648 §4). A fast path for input known to be good: what is
 * not of the alphabet is passed over or makes the result undefined, as the platform has it.
 */
export const fromBase64: (base64: Uint8Array | string) => Uint8Array | undefined = platform.fromBase64;

/** So many bytes of any content, for one who writes them all at once: cheaper than zeros. They may be a view of a larger buffer. */
export const uninitializedBytes: (length: number) => Uint8Array = platform.uninitializedBytes;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** No bytes. */
export const emptyBytes: Uint8Array = new Uint8Array(0);

/** The UTF-8 bytes of a text. */
export function fromUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD. A byte order mark is kept. */
export function toUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The text of UTF-8 bytes, or undefined where they are not UTF-8. */
export const toUtf8Strict: (bytes: Uint8Array) => string | undefined = platform.toUtf8Strict;

/** One array out of several, in order. A single one is returned as it is, not copied. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A copy of bytes that somebody else may write over. `slice` is none: that of Node's Buffer makes a view. */
export function copyBytes(bytes: Uint8Array, start: number = 0, end: number = bytes.length): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

/** Whether two arrays hold the same bytes. Not for secrets: see `timingSafeEqual`. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

/** Whether two arrays hold the same bytes, in a time that depends only on their lengths. */
export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Throws a TypeError for a message that is text, as JavaScript without types may hand over: which bytes it was made of is not known. */
export function refuseText(source: unknown): void {
  if (typeof source === 'string')
    throw new TypeError('a message is bytes or a stream of them, not text: read its file without an encoding');
}

/** Lower-case hexadecimal digits of the bytes. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
