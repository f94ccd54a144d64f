import { concatBytes, copyBytes, emptyBytes, toLatin1 } from '@mox/runtime';
import { type DecodedBytes, type EncodingProblem, longestLook, longestProlog, ProblemList } from './encoding-problem.ts';

const lineFeed = 10;
const beginLine = /^begin +[0-7]{3,6}(?: |$)/;

/** A line of a body, without its end. */
interface Line {
  readonly from: number;
  readonly to: number;
  /** Whether a line end follows. */
  readonly ended: boolean;
  /** Where the next line starts. */
  readonly next: number;
}

/** Bytes that a line says it holds, -1 where it cannot be one of data. */
function declaredLength(bytes: Uint8Array, { from, to }: Line): number {
  const first = bytes[from] ?? 0;
  if (from === to || first < 32 || first > 96) return -1;
  const length = (first - 32) & 63;
  const end = Math.min(to, from + 1 + Math.ceil((length * 4) / 3));
  for (let at = from + 1; at < end; at++) if ((bytes[at] as number) < 32 || (bytes[at] as number) > 96) return -1;
  return length;
}

/** Whether a line is data for sure: as long as it says, or longer by what encoders put behind. */
function isSureData(bytes: Uint8Array, line: Line): boolean {
  const length = declaredLength(bytes, line);
  const characters = line.to - line.from - 1;
  return length > 0 && characters >= Math.ceil((length * 4) / 3) && characters <= Math.ceil(length / 3) * 4 + 1;
}

/** Whether a line is `end`. */
function isEnd(bytes: Uint8Array, { from, to }: Line): boolean {
  return bytes[from] === 0x65 && toLatin1(bytes, from, to).trimEnd() === 'end';
}

/** Bytes that grow in number. */
class GrowingBytes {
  #bytes: Uint8Array = emptyBytes;
  #length = 0;

  /**
   * Adds what a line holds, which says that it is so many bytes. Spaces that were cut off its end are put back; of a line that the body
   * ends in the middle of only what is there is decoded.
   */
  addLine(bytes: Uint8Array, { from, to, ended }: Line, length: number): void {
    this.#reserve(length + 3);
    const output = this.#bytes;
    const end = this.#length + (ended ? length : Math.min(length, Math.floor(((to - from - 1) * 3) / 4)));
    let written = this.#length;
    for (let at = from + 1; written < end; at += 4) {
      const bits =
        (digitAt(bytes, at, to) << 18) |
        (digitAt(bytes, at + 1, to) << 12) |
        (digitAt(bytes, at + 2, to) << 6) |
        digitAt(bytes, at + 3, to);
      output[written++] = bits >>> 16;
      output[written++] = bits >>> 8;
      output[written++] = bits;
    }
    this.#length = end;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#length + count, 2 * this.#bytes.length, 4096));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  /** What there is; nothing is left. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = emptyBytes;
    this.#length = 0;
    return bytes;
  }
}

/** Value of the character at an index; that of a space where the line has ended. */
function digitAt(bytes: Uint8Array, at: number, to: number): number {
  return at < to ? ((bytes[at] as number) - 32) & 63 : 0;
}

/** `prolog`: before the line `begin`. `data`: behind it. `ended`: behind the line `end`. `raw`: nothing is encoded. */
type State = 'prolog' | 'data' | 'ended' | 'raw';

/** Decodes uuencoded data that comes in pieces, as `decodeUuencode`, whatever the pieces' borders. */
export class UuencodeDecoder {
  readonly #problems = new ProblemList();
  #state: State = 'prolog';
  /** How far it was looked for the start of the data, and where text stands before it, -1 for nowhere. */
  #looked = 0;
  #textAt = -1;
  /** Whether what comes is the rest of a line that is too long to be one of data. */
  #inLongLine = false;
  #carry: Uint8Array = emptyBytes;
  /** Offset of the carry in the body. */
  #base = 0;
  readonly #output = new GrowingBytes();

  /** What was wrong so far; all of it behind the end. */
  get problems(): readonly EncodingProblem[] {
    return this.#problems.list();
  }

  /** Bytes of all lines that are complete with this piece. */
  push(bytes: Uint8Array): Uint8Array {
    return this.#read(this.#carry.length > 0 ? concatBytes([this.#carry, bytes]) : bytes, false);
  }

  /** Bytes of a last line without an end. */
  end(): Uint8Array {
    return this.#read(this.#carry, true);
  }

  #read(bytes: Uint8Array, last: boolean): Uint8Array {
    let at = this.#state === 'prolog' ? this.#readProlog(bytes, last) : 0;
    if (this.#state === 'raw') {
      this.#carry = emptyBytes;
      return copyBytes(bytes);
    }
    while (this.#state !== 'prolog' && at < bytes.length) {
      const next = this.#readOn(bytes, at, last);
      if (next < 0) break;
      at = next;
    }
    if (last && this.#state === 'data') this.#problems.add('incomplete', this.#base + at);
    this.#carry = last ? emptyBytes : copyBytes(bytes, at);
    this.#base += at;
    return this.#output.take();
  }

  /** Looks for the line `begin`, or for data whose `begin` is missing; gives how much is used up. */
  #readProlog(bytes: Uint8Array, last: boolean): number {
    while (this.#looked < Math.min(bytes.length, longestProlog)) {
      const at = this.#looked;
      const line = readLine(bytes, at, last);
      if (!line) return 0;
      const begins = beginLine.test(toLatin1(bytes, line.from, line.to));
      if (begins || isSureData(bytes, line)) {
        this.#state = 'data';
        if (this.#textAt >= 0) this.#problems.add('foreign-text', this.#textAt);
        if (!begins) this.#problems.add('incomplete', at);
        return begins ? line.next : at;
      }
      if (this.#textAt < 0 && line.to > line.from) this.#textAt = at;
      this.#looked = line.next;
    }
    if ((!last && bytes.length < longestProlog) || bytes.length === 0) return 0;
    this.#state = 'raw';
    this.#problems.add('not-encoded', 0);
    return 0;
  }

  #readOn(bytes: Uint8Array, at: number, last: boolean): number {
    const line = readLine(bytes, at, last);
    if (!line) return -1;
    const text = this.#inLongLine || !this.#readData(bytes, line);
    if (text && line.to > line.from) this.#problems.add('foreign-text', this.#base + at);
    this.#inLongLine = !line.ended;
    return line.next;
  }

  /** Reads a line behind `begin`; false where it is neither data nor the end. */
  #readData(bytes: Uint8Array, line: Line): boolean {
    if (this.#state === 'ended') return false;
    if (isEnd(bytes, line)) {
      this.#state = 'ended';
      return true;
    }
    const length = line.to - line.from > 100 ? -1 : declaredLength(bytes, line);
    if (length > 0) this.#output.addLine(bytes, line, length);
    return length >= 0;
  }
}

/** The line at an index, or its start where it is longer than any that matters; undefined where its end has not come yet. */
function readLine(bytes: Uint8Array, at: number, last: boolean): Line | undefined {
  const limit = Math.min(bytes.length, at + longestLook);
  let lineEnd = at;
  while (lineEnd < limit && bytes[lineEnd] !== lineFeed) lineEnd++;
  const ended = lineEnd < limit;
  if (!ended && !last && limit === bytes.length) return undefined;
  const to = lineEnd > at && bytes[lineEnd - 1] === 13 ? lineEnd - 1 : lineEnd;
  return { from: at, to, ended, next: ended ? lineEnd + 1 : limit };
}

/** As `decodeUuencode`, with what was wrong. */
export function readUuencode(bytes: Uint8Array): DecodedBytes {
  const decoder = new UuencodeDecoder();
  const pieces = [decoder.push(bytes), decoder.end()];
  return { bytes: concatBytes(pieces), problems: decoder.problems };
}

/**
 * Reads uuencoded data as bodies of messages have it under the encodings `x-uuencode`, `uuencode` and `x-uue`, which are no standard
 * (RFC 2045 §6.3): the lines from `begin` to `end`, zero written as a space or a backquote, spaces at line ends cut off or not. Never fails.
 * What stands before and behind is passed over; where there is no `begin` and no line of data, the bytes are given as they are.
 */
export function decodeUuencode(bytes: Uint8Array): Uint8Array {
  return readUuencode(bytes).bytes;
}
