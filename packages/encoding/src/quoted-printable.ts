import { concatBytes, copyBytes, emptyBytes } from '@mox/runtime';
import { hexValue } from '@mox/syntax';

const cr = 13;
const lf = 10;
const space = 32;
const tab = 9;
const equals = 61;

/** White space before a line end is taken away up to so many bytes; more is text. Bounds what a decoder keeps between pieces. */
const blankLimit = 1000;

const hexValues: Int8Array = /* @__PURE__ */ Int8Array.from({ length: 256 }, (_, code) => hexValue(code));

function isBlank(code: number | undefined): boolean {
  return code === space || code === tab;
}

/** How to decode quoted-printable that is there as a whole. */
export interface DecodeQuotedPrintableOptions {
  /** Where to decode to: an array at least as long as the input, to be used again. A new one unless given. */
  readonly into?: Uint8Array;
  /** Whether a CRLF that stands at the end of a line becomes LF, as texts want it. Not so behind a CR: CR CR LF stays. */
  readonly lineFeeds?: boolean;
}

/** Where decoding stands: how far the input is used up and the output written. */
interface Progress {
  input: number;
  output: number;
}

/** Where the white space that ends at `end` starts; `end` itself where there is more of it than the limit. */
function trimBlanks(bytes: Uint8Array, start: number, end: number): number {
  const least = Math.max(start, end - blankLimit - 1);
  let at = end;
  while (at > least && isBlank(bytes[at - 1])) at--;
  return end - at > blankLimit ? end : at;
}

/**
 * Reads what stands behind a `=` that starts no two digits. False where the input ends too early to tell.
 * deviates RFC 2045 §6.7: a `=` that starts nothing stands for itself, nothing is refused.
 */
function decodeOddEscape(bytes: Uint8Array, output: Uint8Array, progress: Progress, last: boolean): boolean {
  const at = progress.input;
  const digit = at + 1 < bytes.length && (hexValues[bytes[at + 1] as number] as number) >= 0;
  let end = at + 1;
  if (!digit) {
    while (end < bytes.length && end - at <= blankLimit && isBlank(bytes[end])) end++;
    if (end < bytes.length && bytes[end] === cr) end++;
    if (end < bytes.length && bytes[end] === lf) {
      progress.input = end + 1;
      return true;
    }
  }
  const cutShort = digit ? at + 2 === bytes.length : end >= bytes.length;
  if (cutShort && !last) return false;
  // A soft line break that the input ends in the middle of.
  if (cutShort && !digit) progress.input = bytes.length;
  else {
    output[progress.output++] = equals;
    progress.input = at + 1;
  }
  return true;
}

/** Where what may still be white space before a line end starts: it is held back until more is known. */
function heldFrom(bytes: Uint8Array, start: number): number {
  const end = bytes.length > start && bytes[bytes.length - 1] === cr ? bytes.length - 1 : bytes.length;
  const trimmed = trimBlanks(bytes, start, end);
  return trimmed < end ? trimmed : end;
}

/** Bits of the bytes of a word that are a `=` or below 0x10, and so end a run: the lowest of them is true, those above may not be. */
function runEnds(word: number): number {
  const escapes = word ^ 0x3d3d3d3d;
  return ((((escapes - 0x01010101) | 0) & ~escapes) | (((word - 0x10101010) | 0) & ~word)) & 0x80808080;
}

/** Ends a line of the output before the line end at `at`: white space since `start` is taken away. Returns where the output goes on. */
function endLine(bytes: Uint8Array, start: number, at: number, written: number): number {
  return at > start && isBlank(bytes[at - 1]) ? written - (at - trimBlanks(bytes, start, at)) : written;
}

/**
 * Decodes into `output`, which has room for as many bytes as there are. White space before `textFrom` is text whatever follows. What
 * cannot be told yet is not used up unless this is the last of the input.
 */
function decode(
  bytes: Uint8Array,
  output: Uint8Array,
  options: { readonly last: boolean; readonly textFrom: number; readonly lineFeeds: boolean },
): Progress {
  const { last, lineFeeds } = options;
  const length = bytes.length;
  const source = new DataView(bytes.buffer, bytes.byteOffset, length);
  const target = new DataView(output.buffer, output.byteOffset, length);
  const lastWord = length - 4;
  /** White space from here on may be taken away: what comes before it was escaped, or is known to be text. */
  let start = Math.min(options.textFrom, length);
  let at = 0;
  let written = 0;
  for (;;) {
    // Most of the input is copied four bytes at a time; what is written behind the run will be written over.
    for (; at <= lastWord; at += 4, written += 4) {
      const word = source.getInt32(at, true);
      const ends = runEnds(word);
      target.setInt32(written, word, true);
      if (ends === 0) continue;
      const run = (31 - Math.clz32(ends & -ends)) >> 3;
      at += run;
      written += run;
      break;
    }
    if (at >= length) break;
    const byte = bytes[at] as number;
    if (byte === equals) {
      do {
        if (at + 2 >= length) break;
        const first = bytes[at + 1] as number;
        const second = bytes[at + 2] as number;
        const value = ((hexValues[first] as number) << 4) | (hexValues[second] as number);
        if (value >= 0) output[written++] = value;
        else if (first !== cr || second !== lf) {
          if (first <= space) break;
          output[written++] = equals;
          at -= 2;
        }
        at += 3;
      } while (at < length && bytes[at] === equals);
      if (at < length && bytes[at] === equals) {
        const progress = { input: at, output: written };
        if (!decodeOddEscape(bytes, output, progress, last)) return progress;
        at = progress.input;
        written = progress.output;
      }
      start = at;
      continue;
    }
    const crlf = byte === cr && at + 1 < length && bytes[at + 1] === lf;
    if (crlf || byte === lf) written = endLine(bytes, start, at, written);
    if (crlf && (!lineFeeds || (written > 0 && output[written - 1] === cr))) output[written++] = cr;
    output[written++] = crlf ? lf : byte;
    at += crlf ? 2 : 1;
  }
  // What is left at the end was copied with its run: it is taken back.
  const kept = last ? trimBlanks(bytes, start, length) : heldFrom(bytes, start);
  return { input: last ? length : kept, output: written - (length - kept) };
}

/** Length of the white space that the bytes start with. */
function leadingBlanks(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length && isBlank(bytes[at])) at++;
  return at;
}

/**
 * Reads quoted-printable (RFC 2045 §6.7), soft line breaks and white space at line ends taken away. Never fails. The result is a view of
 * `into` where that is given.
 */
export function decodeQuotedPrintable(bytes: Uint8Array, options: DecodeQuotedPrintableOptions = {}): Uint8Array {
  const output = options.into ?? new Uint8Array(bytes.length);
  return output.subarray(0, decode(bytes, output, { last: true, textFrom: 0, lineFeeds: options.lineFeeds === true }).output);
}

/** Decodes quoted-printable that comes in pieces, as `decodeQuotedPrintable`, whatever the pieces' borders. */
export class QuotedPrintableDecoder {
  #carry: Uint8Array = emptyBytes;
  /** Whether the last white space was more than the limit: what goes on with it is text too. */
  #overlong = false;

  /** What can be told with this piece. */
  push(bytes: Uint8Array): Uint8Array {
    return this.#decode(bytes, false);
  }

  /** What was held back. */
  end(): Uint8Array {
    return this.#decode(emptyBytes, true);
  }

  #decode(bytes: Uint8Array, last: boolean): Uint8Array {
    const all = this.#carry.length > 0 ? concatBytes([this.#carry, bytes]) : bytes;
    const output = new Uint8Array(all.length);
    const textFrom = this.#overlong ? leadingBlanks(all) : 0;
    const progress = decode(all, output, { last, textFrom, lineFeeds: false });
    this.#carry = last ? emptyBytes : copyBytes(all, progress.input);
    if (all.length > 0) this.#overlong = endsOverlong(all, progress.input, textFrom);
    return output.subarray(0, progress.output);
  }
}

/** Whether the bytes before `end` are white space beyond the limit, or go on with such. */
function endsOverlong(bytes: Uint8Array, end: number, textFrom: number): boolean {
  if (end === 0 || !isBlank(bytes[end - 1])) return false;
  if (end <= textFrom) return true;
  return end > blankLimit && trimBlanks(bytes, 0, end) === end;
}
