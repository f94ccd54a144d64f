import { concatBytes, emptyBytes, fromBase64, fromLatin1, toBase64, toLatin1 } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const padCode = 0x3d;

/** Value of each byte as a digit of base64; -1 for what is none. */
const digitValues: Int8Array = new Int8Array(256).fill(-1);
for (let i = 0; i < alphabet.length; i++) digitValues[alphabet.charCodeAt(i)] = i;

/** 1 for a digit; 2 for what the platform's decoder would read otherwise than MIME does: padding and the URL alphabet. */
const byteKinds: Uint8Array = new Uint8Array(256);
for (let i = 0; i < alphabet.length; i++) byteKinds[alphabet.charCodeAt(i)] = 1;
for (const special of '=-_') byteKinds[special.charCodeAt(0)] = 2;

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

/** Where strict base64 goes wrong: the first character that is neither a digit nor padding at the end. */
function badOffset(text: string, digits: number): number {
  for (let i = 0; i < digits; i++) {
    const code = text.charCodeAt(i);
    if (code > 255 || byteKinds[code] !== 1) return i;
  }
  return digits;
}

/**
 * Reads base64 strictly: only the standard alphabet, padding as it must be, no white space, unused bits zero
 * (RFC 4648 §3.2, §3.3, §3.5, §4).
 */
export function decodeBase64(text: string): Result<Uint8Array> {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return parseError(badOffset(text, digits), 'not a character of base64');
  if (text.length % 4 !== 0) return parseError(text.length, 'base64 that is not a multiple of four characters');
  const unused = padding === 2 ? 15 : padding === 1 ? 3 : 0;
  if ((digitValues[text.charCodeAt(digits - 1)] ?? 0) & unused && padding > 0)
    return parseError(digits - 1, 'unused bits of base64 that are not zero');
  return ok(fromBase64(text) ?? decodeDigits(fromLatin1(text)));
}

/** The decoder for what the platform's cannot be trusted with: a run of digits ends at padding, anything else is passed over. */
class DigitDecoder {
  #bits = 0;
  #count = 0;

  /** Digits that wait for the rest of their group of four. */
  get pending(): number {
    return this.#count;
  }

  /** Decodes a stretch into `output` from `at` on, and returns where it stopped writing. */
  decode(bytes: Uint8Array, output: Uint8Array, at: number): number {
    let written = at;
    for (let i = 0; i < bytes.length; i++) {
      const code = bytes[i] ?? 0;
      const value = digitValues[code] ?? -1;
      if (value < 0) {
        if (code === padCode) written = this.flush(output, written);
        continue;
      }
      this.#bits = (this.#bits << 6) | value;
      if (++this.#count < 4) continue;
      output[written++] = this.#bits >>> 16;
      output[written++] = this.#bits >>> 8;
      output[written++] = this.#bits;
      this.#bits = 0;
      this.#count = 0;
    }
    return written;
  }

  /** Writes the bytes that an unfinished group holds. */
  flush(output: Uint8Array, at: number): number {
    let written = at;
    if (this.#count >= 2) output[written++] = this.#bits >>> (6 * this.#count - 8);
    if (this.#count === 3) output[written++] = this.#bits >>> 2;
    this.#bits = 0;
    this.#count = 0;
    return written;
  }
}

function decodeDigits(bytes: Uint8Array): Uint8Array {
  const decoder = new Base64Decoder();
  return concatBytes([decoder.push(bytes), decoder.end()]);
}

/**
 * Reads base64 as found in messages: what is not of the alphabet is passed over, a missing end is let go, and data goes on
 * behind padding (RFC 2045 §6.8). Never fails.
 */
export function decodeBase64Lenient(bytes: Uint8Array): Uint8Array {
  const end = trailingPadding(bytes);
  if (end >= nativeFrom) {
    const text = toLatin1(bytes, 0, end);
    // The platform's decoder reads these otherwise than MIME does. Searching a text is faster than searching bytes.
    const plain = !text.includes('=') && !text.includes('-') && !text.includes('_');
    const decoded = plain ? fromBase64(text) : undefined;
    if (decoded) return decoded;
  }
  return decodeDigits(bytes);
}

/** Counts the digits; negative where there is a byte that needs the careful decoder. */
function countDigits(bytes: Uint8Array): number {
  let digits = 0;
  let special = 0;
  for (let i = 0; i < bytes.length; i++) {
    const kind = byteKinds[bytes[i] ?? 0] ?? 0;
    digits += kind & 1;
    special |= kind;
  }
  return special & 2 ? -1 : digits;
}

/** Offset behind so many digits, counted from the start. */
function behindDigits(bytes: Uint8Array, count: number): number {
  let at = 0;
  for (let left = count; left > 0; at++) left -= byteKinds[bytes[at] ?? 0] === 1 ? 1 : 0;
  return at;
}

/** Offset of the last so many digits, counted from the end. */
function beforeDigits(bytes: Uint8Array, count: number): number {
  let at = bytes.length;
  for (let left = count; left > 0; ) left -= byteKinds[bytes[--at] ?? 0] === 1 ? 1 : 0;
  return at;
}

/** Shorter pieces are not worth the way into the platform's decoder. */
const nativeFrom = 64;

/** Decodes base64 that comes in pieces, as `decodeBase64Lenient`, whatever the pieces' borders. */
export class Base64Decoder {
  readonly #digits = new DigitDecoder();

  /** Bytes of all groups that are complete with this piece. */
  push(bytes: Uint8Array): Uint8Array {
    const tail = trailingPadding(bytes);
    const body = bytes.subarray(0, tail);
    const count = body.length < nativeFrom ? -1 : countDigits(body);
    if (count < 0) return this.#pushDigits(bytes);
    const parts = this.#pushNative(body, count);
    if (tail < bytes.length) parts.push(this.#pushDigits(bytes.subarray(tail)));
    return concatBytes(parts);
  }

  /** Bytes of an unfinished last group. */
  end(): Uint8Array {
    const output = new Uint8Array(2);
    return output.subarray(0, this.#digits.flush(output, 0));
  }

  #pushDigits(bytes: Uint8Array): Uint8Array {
    const output = new Uint8Array(Math.floor(((bytes.length + 3) * 3) / 4) + 3);
    return output.subarray(0, this.#digits.decode(bytes, output, 0));
  }

  #pushNative(bytes: Uint8Array, count: number): Uint8Array[] {
    const first = Math.min(count, (4 - this.#digits.pending) % 4);
    const from = behindDigits(bytes, first);
    const to = beforeDigits(bytes, (count - first) % 4);
    const decoded = fromBase64(bytes.subarray(from, to));
    if (!decoded) return [this.#pushDigits(bytes)];
    const head = from > 0 ? this.#pushDigits(bytes.subarray(0, from)) : emptyBytes;
    const rest = to < bytes.length ? this.#pushDigits(bytes.subarray(to)) : emptyBytes;
    return [head, decoded, rest].filter((part) => part.length > 0);
  }
}

/** Offset of the padding and white space that the bytes end with. */
function trailingPadding(bytes: Uint8Array): number {
  let end = bytes.length;
  let padded = false;
  for (; end > 0; end--) {
    const code = bytes[end - 1] ?? 0;
    if (code === padCode) padded = true;
    else if (code !== 13 && code !== 10 && code !== 32) break;
  }
  return padded ? end : bytes.length;
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
    this.#carry = all.slice(whole);
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

const lineEnd: Uint8Array = Uint8Array.of(13, 10);
