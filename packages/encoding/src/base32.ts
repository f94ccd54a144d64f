import { ok, parseError, type Result } from '@mox/syntax';

/** How to write base32, and how it is to be read. */
export interface Base32Options {
  /** The alphabet that keeps the order of what is encoded, base32hex (RFC 4648 §7), as DNSSEC's NSEC3 has it. */
  readonly hex?: boolean;
  /** Whether there is `=` at the end; true unless said otherwise (RFC 4648 §3.2). */
  readonly padding?: boolean;
}

const plainAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const hexAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

/** Digits that a last group of so many bits needs, and none other: 1, 3 and 6 digits hold no whole number of bytes. */
const isGroupLength = (digits: number): boolean => digits % 8 !== 1 && digits % 8 !== 3 && digits % 8 !== 6;

/** Writes bytes as base32 (RFC 4648 §6, §7), in upper case. */
export function encodeBase32(bytes: Uint8Array, options: Base32Options = {}): string {
  const alphabet = options.hex ? hexAlphabet : plainAlphabet;
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += alphabet[(held >>> (bits - 5)) & 31];
  }
  if (bits > 0) text += alphabet[(held << (5 - bits)) & 31];
  return options.padding === false ? text : text.padEnd(Math.ceil(text.length / 8) * 8, '=');
}

/** Value of a character as a digit, in either case; -1 for what is none. */
function digitValue(code: number, hex: boolean): number {
  const isDigit = code >= 0x30 && code <= 0x39;
  const letter = (code | 0x20) - 0x61;
  if (hex) return isDigit ? code - 0x30 : letter >= 0 && letter < 22 ? letter + 10 : -1;
  return code >= 0x32 && code <= 0x37 ? code - 24 : letter >= 0 && letter < 26 ? letter : -1;
}

/** Length without padding; -1 where that is not as it must be. */
function digitsOf(text: string, padding: boolean): number {
  const first = text.indexOf('=');
  if (!padding) return first < 0 ? text.length : -1;
  return text.length % 8 === 0 && (first < 0 || /^={1,6}$/.test(text.slice(first))) ? (first < 0 ? text.length : first) : -1;
}

/**
 * Reads base32 (RFC 4648 §6, §7) of either case strictly: only the characters of the alphabet, padding as it must be or none where there is to
 * be none, no white space, unused bits zero (RFC 4648 §3.2, §3.3, §3.5).
 */
export function decodeBase32(text: string, options: Base32Options = {}): Result<Uint8Array> {
  const digits = digitsOf(text, options.padding !== false);
  if (digits < 0 || !isGroupLength(digits)) return parseError(text.length, 'base32 that is not whole groups of eight characters');
  const bytes = new Uint8Array(Math.floor((digits * 5) / 8));
  let held = 0;
  let bits = 0;
  let written = 0;
  for (let at = 0; at < digits; at++) {
    const value = digitValue(text.charCodeAt(at), options.hex === true);
    if (value < 0) return parseError(at, 'not a character of base32');
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[written++] = held >>> bits;
  }
  if ((held & ((1 << bits) - 1)) !== 0) return parseError(digits - 1, 'unused bits of base32 that are not zero');
  return ok(bytes);
}
