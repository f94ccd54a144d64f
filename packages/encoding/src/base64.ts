import { concatBytes, copyBytes, emptyBytes, fromBase64, fromLatin1, toBase64 } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';
import { digitValues } from './base64-digits.ts';

/** How to write base64. */
export interface Base64Options {
  /** Longest line in characters, a multiple of 4; CRLF between lines. Without it all is one line. MIME: 76 (RFC 2045 §6.8). */
  readonly lineLength?: number;
  /** The alphabet that is safe in URLs and file names (RFC 4648 §5). */
  readonly url?: boolean;
  /** Whether to write `=` at the end; true unless said otherwise (RFC 4648 §3.2). */
  readonly padding?: boolean;
}

function breakLines(text: string, lineLength: number): string {
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += lineLength) lines.push(text.slice(at, at + lineLength));
  return lines.join('\r\n');
}

/** Writes bytes as base64 text (RFC 4648 §4, §5). No line end behind the last line. */
export function encodeBase64(bytes: Uint8Array, options: Base64Options = {}): string {
  let text = toBase64(bytes);
  if (options.url) text = text.replaceAll('+', '-').replaceAll('/', '_');
  if (options.padding === false) text = text.slice(0, text.length - ((3 - (bytes.length % 3)) % 3));
  return options.lineLength === undefined ? text : breakLines(text, options.lineLength);
}

/** As `encodeBase64`, as bytes of ASCII: for bodies of messages. */
export function encodeBase64Bytes(bytes: Uint8Array, options: Base64Options = {}): Uint8Array {
  const { lineLength, ...rest } = options;
  const all = fromLatin1(encodeBase64(bytes, rest));
  if (lineLength === undefined || all.length <= lineLength) return all;
  const lines = Math.ceil(all.length / lineLength);
  const broken = new Uint8Array(all.length + 2 * (lines - 1));
  for (let from = 0, to = 0; from < all.length; from += lineLength, to += lineLength + 2) {
    if (from > 0) {
      broken[to - 2] = 13;
      broken[to - 1] = 10;
    }
    broken.set(all.subarray(from, from + lineLength), to);
  }
  return broken;
}

/** How base64 is to be read. */
export interface DecodeBase64Options {
  /** The alphabet that is safe in URLs and file names, with or without padding (RFC 4648 §5). */
  readonly url?: boolean;
}

/** Where strict base64 goes wrong: the first character that is neither a digit nor padding at the end. */
function badOffset(text: string, url: boolean): number {
  return text.search(url ? /[^A-Za-z0-9_-]/ : /[^A-Za-z0-9+/]/);
}

function countPadding(text: string): 0 | 1 | 2 {
  if (!text.endsWith('=')) return 0;
  return text.endsWith('==') ? 2 : 1;
}

/** Whether the bits of the last digit that belong to no byte are zero (RFC 4648 §3.5). */
function hasZeroBits(text: string, digits: number): boolean {
  const unused = digits % 4 === 2 ? 15 : digits % 4 === 3 ? 3 : 0;
  return ((digitValues[text.charCodeAt(digits - 1)] ?? 0) & unused) === 0;
}

/**
 * The bytes of base64 that is as it must be; undefined where something is wrong. The platform's decoder is several times faster than any
 * look at the characters. What it passes over it gives no bytes for; what it takes though it should not, the alphabet for URLs and
 * characters of which it sees the lower half alone, is looked for.
 */
function decodeFaultless(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || text.includes('-') || text.includes('_') || /[\u0100-\uffff]/.test(text)) return undefined;
  const padding = countPadding(text);
  const bytes = fromBase64(text);
  return bytes?.length === (text.length / 4) * 3 - padding && hasZeroBits(text, text.length - padding) ? bytes : undefined;
}

/**
 * Reads base64 strictly: only the characters of the alphabet, padding as it must be, no white space, unused bits zero
 * (RFC 4648 §3.2, §3.3, §3.5, §4, §5).
 */
export function decodeBase64(text: string, options: DecodeBase64Options = {}): Result<Uint8Array> {
  const url = options.url === true;
  const faultless = url ? undefined : decodeFaultless(text);
  if (faultless) return ok(faultless);
  const wellFormed = url ? /^[A-Za-z0-9_-]*={0,2}$/ : /^[A-Za-z0-9+/]*={0,2}$/;
  if (!wellFormed.test(text)) return parseError(badOffset(text, url), 'not a character of base64');
  const padding = countPadding(text);
  const digits = text.length - padding;
  const unpadded = url && padding === 0;
  if (unpadded ? digits % 4 === 1 : text.length % 4 !== 0)
    return parseError(text.length, 'base64 that is not whole groups of four characters');
  if (!hasZeroBits(text, digits)) return parseError(digits - 1, 'unused bits of base64 that are not zero');
  const bytes = fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
  return bytes ? ok(bytes) : parseError(0, 'not base64');
}

/** Encodes bytes that come in pieces as base64 in lines, for bodies of messages (RFC 2045 §6.8). */
export class Base64Encoder {
  readonly #lineBytes: number;
  readonly #options: Base64Options;
  #carry: Uint8Array = emptyBytes;
  #started = false;

  /** `lineLength` is 76 unless said otherwise. */
  constructor(options: Base64Options = {}) {
    this.#options = { lineLength: 76, ...options };
    this.#lineBytes = Math.floor((this.#options.lineLength ?? 76) / 4) * 3;
  }

  /** The lines that are complete with this piece. */
  push(bytes: Uint8Array): Uint8Array {
    const all = this.#carry.length > 0 ? concatBytes([this.#carry, bytes]) : bytes;
    const whole = all.length - (all.length % this.#lineBytes);
    this.#carry = copyBytes(all, whole);
    return this.#write(all.subarray(0, whole));
  }

  /** The last line, without a line end. */
  end(): Uint8Array {
    const last = this.#carry;
    this.#carry = emptyBytes;
    return this.#write(last);
  }

  #write(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return emptyBytes;
    const encoded = encodeBase64Bytes(bytes, this.#options);
    const started = this.#started;
    this.#started = true;
    return started ? concatBytes([lineEnd, encoded]) : encoded;
  }
}

const lineEnd: Uint8Array = /* @__PURE__ */ Uint8Array.of(13, 10);
