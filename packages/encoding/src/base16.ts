import { toHex } from '@mox/runtime';
import { hexValue, ok, parseError, type Result } from '@mox/syntax';

/** Writes bytes as base16, which is hexadecimal in upper case (RFC 4648 §8). */
export function encodeBase16(bytes: Uint8Array): string {
  return toHex(bytes).toUpperCase();
}

/** Reads base16 of either case strictly: pairs of digits and nothing else (RFC 4648 §3.3, §8). */
export function decodeBase16(text: string): Result<Uint8Array> {
  if (text.length % 2 !== 0) return parseError(text.length, 'base16 that is not whole pairs of digits');
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < text.length; at++) {
    const value = hexValue(text.charCodeAt(at));
    if (value < 0) return parseError(at, 'not a digit of base16');
    bytes[at >> 1] = ((bytes[at >> 1] as number) << 4) | value;
  }
  return ok(bytes);
}
