import { concatBytes, copyBytes, emptyBytes } from '@mox/runtime';
import { DigitDecoder, digitValues } from './base64-digits.ts';
import { behindDigits, decodeTidy, decodeWhole, findLineEnd, nativeFrom, tidyLinesEnd, uniformLinesEnd } from './base64-lines.ts';
import { type Base64Stretch, countEquals, endsData, isBlank, isText, lookAtStretch, startsData } from './base64-stretch.ts';
import { type DecodedBytes, type EncodingProblem, longestLook, longestProlog, ProblemList } from './encoding-problem.ts';

const lineFeed = 10;
/** Fewer bytes of lines of one length are not worth a try. */
const uniformFrom = 512;

/**
 * `start`: no data seen yet. `data`: within it. `ended`: behind padding. `text`: behind a line of text. `raw`: nothing is encoded, all is
 * handed on as it is.
 */
type State = 'start' | 'data' | 'ended' | 'text' | 'raw';

/**
 * Decodes base64 that comes in pieces, as `decodeBase64Lenient`, whatever the pieces' borders. Of what was pushed at most some 5,000 bytes
 * are kept.
 */
export class Base64Decoder {
  readonly #digits = new DigitDecoder();
  readonly #problems = new ProblemList();
  #state: State = 'start';
  /** Whether the rest of the line is as its start was found to be. */
  #inLine = false;
  /** How far it was looked for the start of the data, and where text stands before it, -1 for nowhere. */
  #looked = 0;
  #textAt = -1;
  #carry: Uint8Array = emptyBytes;
  /** Offset of the carry in the body. */
  #base = 0;
  /** Whether lines of one length are looked for: in a piece, until some turn out not to be digits alone. */
  #tryUniform = true;
  /** The next line end in the piece at or behind the place it was last looked for from; not looked for again before it is passed. */
  #lineEnd = -1;

  /** What was wrong so far; all of it behind the end. */
  get problems(): readonly EncodingProblem[] {
    return this.#problems.list();
  }

  /** Bytes that are complete with this piece. */
  push(bytes: Uint8Array): Uint8Array {
    return this.#read(this.#carry.length > 0 ? concatBytes([this.#carry, bytes]) : bytes, false);
  }

  /** Bytes of what was held back. */
  end(): Uint8Array {
    return this.#read(this.#carry, true);
  }

  #read(bytes: Uint8Array, last: boolean): Uint8Array {
    this.#tryUniform = true;
    this.#lineEnd = -1;
    this.#digits.reserve(bytes.length);
    let at = 0;
    for (let next = this.#readOn(bytes, at, last); next >= 0; next = this.#readOn(bytes, at, last)) at = next;
    if (this.#state === 'raw') {
      this.#carry = emptyBytes;
      return copyBytes(bytes);
    }
    if (last) this.#endGroup(this.#base + at, 0);
    this.#carry = last ? emptyBytes : copyBytes(bytes, at);
    this.#base += at;
    return this.#digits.take();
  }

  /** Reads from an index as far as one kind of thing goes. -1 where nothing can be said before there is more. */
  #readOn(bytes: Uint8Array, at: number, last: boolean): number {
    if (this.#state === 'start') return this.#readStart(bytes, last);
    if (at >= bytes.length || this.#state === 'raw') return -1;
    if (this.#inLine) return this.#readRest(bytes, at, last);
    const tidy = this.#state === 'data' ? this.#readTidyLines(bytes, at) : at;
    if (tidy > at) return tidy;
    const to = this.#lookEnd(bytes, at, last);
    return to < 0 ? -1 : this.#readLine(bytes, at, to);
  }

  /** Looks for the first line that is base64 for sure. Until then nothing is used up. */
  #readStart(bytes: Uint8Array, last: boolean): number {
    while (this.#looked < Math.min(bytes.length, longestProlog)) {
      const from = this.#looked;
      const to = this.#lookEnd(bytes, from, last);
      if (to < 0) return -1;
      const stretch = lookAtStretch(bytes, { from, to }, 0);
      if (startsData(stretch, false)) return this.#startData(from);
      if (this.#textAt < 0 && isText(stretch)) this.#textAt = from;
      this.#looked = stretch.end === to ? to + 1 : stretch.end;
    }
    if (bytes.length === 0 || (!last && bytes.length < longestProlog)) return -1;
    if (this.#textAt < 0) return this.#startData(0);
    this.#problems.add('not-encoded', 0);
    this.#state = 'raw';
    return 0;
  }

  /** The data starts at an index; what stands before it is data too, where none of it is text. */
  #startData(at: number): number {
    this.#state = 'data';
    this.#lineEnd = -1;
    if (this.#textAt < 0) return 0;
    this.#problems.add('foreign-text', this.#textAt);
    return at;
  }

  /** Reads lines as long as they are digits alone, which nearly all of them are. */
  #readTidyLines(bytes: Uint8Array, at: number): number {
    if (bytes.length - at < nativeFrom) return at;
    const uniform = this.#tryUniform ? uniformLinesEnd(bytes, at) : { end: at, digits: 0 };
    if (uniform.end - at >= uniformFrom) {
      const lines = bytes.subarray(at, uniform.end);
      if (!lines.includes(0x2d) && !lines.includes(0x5f) && this.#decodeLines(lines, uniform.digits)) return uniform.end;
      this.#tryUniform = false;
    }
    const { end, digits } = tidyLinesEnd(bytes, at);
    if (end - at < nativeFrom || !this.#decodeLines(bytes.subarray(at, end), digits)) this.#digits.decode(bytes, at, end);
    return end;
  }

  /** Decodes lines of so many digits by the platform. False, and nothing done, where they are not such. */
  #decodeLines(lines: Uint8Array, digits: number): boolean {
    const lacking = (4 - this.#digits.pending) % 4;
    const head = behindDigits(lines, lacking);
    const whole = decodeWhole(lines.subarray(head), digits - lacking);
    if (!whole) return false;
    this.#digits.decode(lines, 0, head);
    this.#digits.add(whole.decoded);
    this.#digits.decode(lines, head + whole.used, lines.length);
    return true;
  }

  /** Ends the data: by padding of some length, or 0 where none does. */
  #endGroup(offset: number, padding: number): void {
    const { pending } = this.#digits;
    if (pending === 1 || (pending > 1 && pending + padding < 4)) this.#problems.add('incomplete', offset);
    this.#digits.flush();
  }

  /** Reads a line, or its start where it is long, up to the index `to`; or only as far as padding ends the data. */
  #readLine(bytes: Uint8Array, at: number, to: number): number {
    const pending = this.#state === 'data' ? this.#digits.pending : 0;
    const stretch = lookAtStretch(bytes, { from: at, to }, pending);
    const blank = stretch.digits === 0 && stretch.strays === 0;
    if (blank) this.#endBy(stretch);
    else if (!this.#isData(stretch)) return this.#passOver(bytes, at, to);
    else this.#takeData(bytes, at, stretch);
    if (stretch.end < to || stretch.padding > 0) return stretch.end;
    this.#inLine = bytes[to] !== lineFeed && !blank;
    return Math.min(bytes.length, bytes[to] === lineFeed ? to + 1 : to);
  }

  #isData(stretch: Base64Stretch): boolean {
    return this.#state === 'data' ? !isText(stretch) : startsData(stretch, this.#state === 'text');
  }

  #takeData(bytes: Uint8Array, at: number, stretch: Base64Stretch): void {
    this.#state = 'data';
    if (stretch.strayAt >= 0) this.#problems.add('stray-character', this.#base + stretch.strayAt);
    this.#digits.decode(bytes, at, stretch.end);
    this.#endBy(stretch);
  }

  #endBy({ padding, end }: Base64Stretch): void {
    if (padding === 0) return;
    this.#endGroup(this.#base + end - padding, padding);
    if (this.#state === 'data') this.#state = 'ended';
  }

  #passOver(bytes: Uint8Array, at: number, to: number): number {
    this.#endGroup(this.#base + at, 0);
    this.#problems.add('foreign-text', this.#base + at);
    this.#state = 'text';
    this.#inLine = bytes[to] !== lineFeed;
    return Math.min(bytes.length, this.#inLine ? to : to + 1);
  }

  /** Goes on in a line that is too long to have been looked at as a whole. */
  #readRest(bytes: Uint8Array, at: number, last: boolean): number {
    const found = bytes.indexOf(lineFeed, at);
    const lineEnd = found < 0 ? bytes.length : found;
    if (this.#state === 'text') return this.#endLine(bytes, lineEnd);
    const pad = bytes.subarray(at, lineEnd).indexOf(0x3d);
    const end = pad < 0 ? lineEnd : at + pad;
    if (end > at) {
      if (end - at < nativeFrom || !this.#decodeLines(bytes.subarray(at, end), end - at)) this.#decodeStrays(bytes, at, end);
      return end;
    }
    return pad < 0 ? this.#endLine(bytes, lineEnd) : this.#readEquals(bytes, at, last);
  }

  #decodeStrays(bytes: Uint8Array, at: number, end: number): void {
    const stray = bytes.subarray(at, end).findIndex((byte) => (digitValues[byte] as number) < 0 && !isBlank(byte));
    if (stray >= 0) this.#problems.add('stray-character', this.#base + at + stray);
    this.#digits.decode(bytes, at, end);
  }

  #readEquals(bytes: Uint8Array, at: number, last: boolean): number {
    const limit = Math.min(bytes.length, at + longestLook);
    const length = countEquals(bytes, at, limit);
    let to = at + length;
    while (to < limit && isBlank(bytes[to])) to++;
    if (to === bytes.length && to < at + longestLook && !last) return -1;
    if (to < limit && bytes[to] !== lineFeed) to++;
    if (endsData(bytes, { at, length }, to, this.#digits.pending)) {
      this.#inLine = false;
      this.#endGroup(this.#base + at, length);
      this.#state = 'ended';
    } else this.#problems.add('stray-character', this.#base + at);
    return at + length;
  }

  /** One past what is to be looked at of the line at an index: its end, or a limit. -1 where that has not come yet. */
  #lookEnd(bytes: Uint8Array, at: number, last: boolean): number {
    if (this.#lineEnd < at) {
      const found = findLineEnd(bytes, at);
      this.#lineEnd = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    const limit = at + longestLook;
    if (this.#lineEnd < limit) return this.#lineEnd;
    return limit <= bytes.length ? limit : last ? bytes.length : -1;
  }

  #endLine(bytes: Uint8Array, lineEnd: number): number {
    if (lineEnd === bytes.length) return lineEnd;
    this.#inLine = false;
    return lineEnd + 1;
  }
}

/** As `decodeBase64Lenient`, with what was wrong. */
export function readBase64(bytes: Uint8Array): DecodedBytes {
  const tidy = decodeTidy(bytes);
  if (tidy) return { bytes: tidy, problems: [] };
  const decoder = new Base64Decoder();
  const pieces = [decoder.push(bytes), decoder.end()].filter((piece) => piece.length > 0);
  return { bytes: concatBytes(pieces), problems: decoder.problems };
}

/**
 * Reads base64 as found in messages (RFC 2045 §6.8). Never fails. Stray characters, and the lack of padding, are passed over, the URL
 * alphabet is read too. Behind padding the data goes on where a line is base64 beyond doubt, as where encoded blocks were put one behind
 * the other. Lines of text, as of a mailing list's footer, are passed over; where there is nothing else, the bytes are given as they are.
 */
export function decodeBase64Lenient(bytes: Uint8Array): Uint8Array {
  return readBase64(bytes).bytes;
}
