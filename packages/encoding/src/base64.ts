import { concatBytes, copyBytes, emptyBytes, fromBase64, fromLatin1, toBase64, toLatin1 } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const padCode = 0x3d;
/** Shorter pieces are not worth the way into the platform's decoder. */
const nativeFrom = 64;

/** Value of each byte as a digit of base64, those of the URL alphabet among them; -1 for what is none. */
const digitValues: Int8Array = new Int8Array(256).fill(-1);
for (let i = 0; i < alphabet.length; i++) digitValues[alphabet.charCodeAt(i)] = i;
digitValues[0x2d] = 62;
digitValues[0x5f] = 63;

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

/**
 * Reads base64 strictly: only the characters of the alphabet, padding as it must be, no white space, unused bits zero
 * (RFC 4648 §3.2, §3.3, §3.5, §4, §5).
 */
export function decodeBase64(text: string, options: DecodeBase64Options = {}): Result<Uint8Array> {
  const url = options.url === true;
  const wellFormed = url ? /^[A-Za-z0-9_-]*={0,2}$/ : /^[A-Za-z0-9+/]*={0,2}$/;
  if (!wellFormed.test(text)) return parseError(badOffset(text, url), 'not a character of base64');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  const unpadded = url && padding === 0;
  if (unpadded ? digits % 4 === 1 : text.length % 4 !== 0)
    return parseError(text.length, 'base64 that is not whole groups of four characters');
  const unused = digits % 4 === 2 ? 15 : digits % 4 === 3 ? 3 : 0;
  if (((digitValues[text.charCodeAt(digits - 1)] ?? 0) & unused) !== 0)
    return parseError(digits - 1, 'unused bits of base64 that are not zero');
  return ok((url ? undefined : fromBase64(text)) ?? decodeDigits(fromLatin1(text)));
}

/** The decoder for what the platform's may read otherwise: a run of digits ends at padding, anything else is passed over. */
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

/** Decodes a short text as `decodeBase64Lenient` does into `output` from `at` on; returns where it stopped writing. */
export function decodeBase64Into(text: string, output: Uint8Array, at: number): number {
  let written = at;
  let bits = 0;
  let count = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : padCode;
    const value = code < 256 ? (digitValues[code] as number) : -1;
    if (value >= 0) {
      bits = (bits << 6) | value;
      if (++count < 4) continue;
      output[written++] = bits >>> 16;
      output[written++] = bits >>> 8;
      output[written++] = bits;
    } else if (code === padCode) {
      if (count >= 2) output[written++] = bits >>> (6 * count - 8);
      if (count === 3) output[written++] = bits >>> 2;
    } else continue;
    bits = 0;
    count = 0;
  }
  return written;
}

function decodeDigits(bytes: Uint8Array): Uint8Array {
  if (bytes.length < nativeFrom) {
    const output = new Uint8Array(nativeFrom);
    const digits = new DigitDecoder();
    return output.subarray(0, digits.flush(output, digits.decode(bytes, output, 0)));
  }
  const decoder = new Base64Decoder();
  return concatBytes([decoder.push(bytes), decoder.end()]);
}

/**
 * Reads base64 as found in messages: what is not of the alphabet is passed over, a missing end is let go, and data goes on
 * behind padding (RFC 2045 §6.8). The URL alphabet is read too. Never fails.
 */
export function decodeBase64Lenient(bytes: Uint8Array): Uint8Array {
  const end = bytes.length < nativeFrom ? 0 : trimmedLength(bytes);
  if (end > 0) {
    const text = toLatin1(bytes, 0, end);
    // Padding inside is the only thing that a platform's decoder may read otherwise. A text is searched faster than bytes are.
    const decoded = text.includes('=') ? undefined : fromBase64(text);
    if (decoded) return decoded;
  }
  return decodeDigits(bytes);
}

const lineFeed = 10;

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

/** Offset behind so many digits, counted from the start. */
function behindDigits(bytes: Uint8Array, count: number): number {
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

/** Decodes base64 that comes in pieces, as `decodeBase64Lenient`, whatever the pieces' borders. */
export class Base64Decoder {
  readonly #digits = new DigitDecoder();

  /** Bytes of all groups that are complete with this piece. */
  push(bytes: Uint8Array): Uint8Array {
    if (bytes.length < nativeFrom) return this.#pushDigits(bytes);
    const head = behindDigits(bytes, (4 - this.#digits.pending) % 4);
    const first = this.#pushDigits(bytes.subarray(0, head));
    const rest = bytes.subarray(head);
    // The last line is most often shorter, and padded: it goes by itself.
    const lastLine = rest.lastIndexOf(lineFeed, trimmedLength(rest) - 1) + 1;
    // Padding may have ended the group before its time.
    const aligned = this.#digits.pending === 0;
    const middle = aligned ? decodeWhole(rest.subarray(0, lastLine > nativeFrom ? lastLine : trimmedLength(rest))) : undefined;
    const last = this.#pushDigits(rest.subarray(middle?.used ?? 0));
    return concatBytes([first, middle?.decoded ?? emptyBytes, last].filter((part) => part.length > 0));
  }

  /** Bytes of an unfinished last group. */
  end(): Uint8Array {
    const output = new Uint8Array(2);
    return output.subarray(0, this.#digits.flush(output, 0));
  }

  #pushDigits(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return emptyBytes;
    const output = new Uint8Array(Math.floor(((bytes.length + 3) * 3) / 4) + 3);
    return output.subarray(0, this.#digits.decode(bytes, output, 0));
  }
}

/** Decodes whole groups by the platform; undefined where the bytes are not digits in uniform lines. */
function decodeWhole(bytes: Uint8Array): { readonly decoded: Uint8Array; readonly used: number } | undefined {
  const count = bytes.length < nativeFrom ? -1 : countUniform(bytes);
  if (count < 4) return undefined;
  const used = beforeDigits(bytes, count % 4);
  const decoded = fromBase64(bytes.subarray(0, used));
  // Anything that is no digit, padding among it, would have made fewer bytes.
  return decoded && decoded.length === ((count - (count % 4)) / 4) * 3 ? { decoded, used } : undefined;
}

/** Length without the line ends and padding that the bytes end with. */
function trimmedLength(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 13 || bytes[end - 1] === lineFeed || bytes[end - 1] === padCode)) end--;
  return end;
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

const lineEnd: Uint8Array = Uint8Array.of(13, 10);
