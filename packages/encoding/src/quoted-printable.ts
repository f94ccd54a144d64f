import { concatBytes, copyBytes, emptyBytes } from '@mox/runtime';

const cr = 13;
const lf = 10;
const space = 32;
const tab = 9;
const equals = 61;

/** White space before a line end is taken away up to so many bytes; more is text. Bounds what a decoder keeps between pieces. */
const blankLimit = 1000;

const hexValues: Int8Array = new Int8Array(256).fill(-1);
for (let i = 0; i < 16; i++) {
  hexValues['0123456789ABCDEF'.charCodeAt(i)] = i;
  hexValues['0123456789abcdef'.charCodeAt(i)] = i;
}

function isBlank(code: number | undefined): boolean {
  return code === space || code === tab;
}

/** Where decoding stands: how far the input is used up and the output written. */
interface Progress {
  input: number;
  output: number;
}

/** Moves a run to where it belongs in the output, which starts as a copy of the input. Short ones are moved faster by hand. */
function moveRun(output: Uint8Array, from: number, to: number, at: number): void {
  if (at === from) return;
  if (to - from > 24) output.copyWithin(at, from, to);
  else for (let i = from, o = at; i < to; i++, o++) output[o] = output[i] as number;
}

/** Whether a run ends here: a `=`, or a line feed with white space before it. */
function endsRun(bytes: Uint8Array, at: number, start: number): boolean {
  const code = bytes[at] as number;
  if (code === equals) return true;
  if (code !== lf || at === start) return false;
  const before = bytes[at - 1] as number;
  return before === space || before === tab || (before === cr && at - 1 > start && isBlank(bytes[at - 2]));
}

/** Offset of what ends the run, or the end. `words` are the same bytes, four at a time: most hold neither a `=` nor a line feed. */
function findRunEnd(bytes: Uint8Array, words: Int32Array, start: number): number {
  const length = bytes.length;
  let i = start;
  for (const aligned = Math.min(length, (start + 3) & ~3); i < aligned; i++) if (endsRun(bytes, i, start)) return i;
  for (let index = i >> 2; index < words.length; index++) {
    const word = words[index] as number;
    const escapes = word ^ 0x3d3d3d3d;
    if (((((escapes - 0x01010101) | 0) & ~escapes) | (((word - 0x10101010) | 0) & ~word)) & 0x80808080) {
      for (i = index << 2; i < (index << 2) + 4; i++) if (endsRun(bytes, i, start)) return i;
    }
  }
  for (i = Math.max(i, words.length << 2); i < length; i++) if (endsRun(bytes, i, start)) return i;
  return length;
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

/** Copies a run that a line feed with white space before it has ended, without the white space; goes on at the line end. */
function copyTrimmed(
  bytes: Uint8Array,
  output: Uint8Array,
  progress: Progress,
  run: { start: number; end: number; textFrom: number },
): void {
  const lineEnd = bytes[run.end - 1] === cr ? run.end - 1 : run.end;
  const trimmed = trimBlanks(bytes, Math.max(run.start, run.textFrom), lineEnd);
  const stop = trimmed === lineEnd ? run.end + 1 : trimmed;
  moveRun(output, run.start, stop, progress.output);
  progress.output += stop - run.start;
  progress.input = trimmed === lineEnd ? stop : lineEnd;
}

/**
 * Decodes into `output`, which starts as a copy of the input in a buffer of its own. White space before `textFrom` is text whatever follows. What cannot be told yet
 * is not used up unless this is the last of the input.
 */
function decode(bytes: Uint8Array, output: Uint8Array, options: { last: boolean; textFrom: number }): Progress {
  const length = bytes.length;
  // What is read ahead in the output has not been written over yet.
  const words = new Int32Array(output.buffer, 0, length >> 2);
  const progress: Progress = { input: 0, output: 0 };
  let start = 0;
  let written = 0;
  for (;;) {
    const end = findRunEnd(bytes, words, start);
    if (end < length && bytes[end] === lf) {
      progress.output = written;
      copyTrimmed(bytes, output, progress, { start, end, textFrom: options.textFrom });
      start = progress.input;
      written = progress.output;
      continue;
    }
    moveRun(output, start, end, written);
    written += end - start;
    if (end === length) break;
    if (end + 2 < length) {
      const value = ((hexValues[bytes[end + 1] as number] as number) << 4) | (hexValues[bytes[end + 2] as number] as number);
      if (value >= 0) {
        output[written++] = value;
        start = end + 3;
        continue;
      }
      if (bytes[end + 1] === cr && bytes[end + 2] === lf) {
        start = end + 3;
        continue;
      }
    }
    progress.input = end;
    progress.output = written;
    if (!decodeOddEscape(bytes, output, progress, options.last)) return progress;
    start = progress.input;
    written = progress.output;
  }
  // What is left at the end was copied with its run: it is taken back.
  const from = Math.max(start, Math.min(options.textFrom, length));
  const kept = options.last ? trimBlanks(bytes, from, length) : heldFrom(bytes, from);
  return { input: options.last ? length : kept, output: written - (length - kept) };
}

/** Length of the white space that the bytes start with. */
function leadingBlanks(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length && isBlank(bytes[at])) at++;
  return at;
}

/** Reads quoted-printable (RFC 2045 §6.7), soft line breaks and white space at line ends taken away. Never fails. */
export function decodeQuotedPrintable(bytes: Uint8Array): Uint8Array {
  const output = new Uint8Array(bytes);
  return output.subarray(0, decode(bytes, output, { last: true, textFrom: 0 }).output);
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
    const output = new Uint8Array(all);
    const textFrom = this.#overlong ? leadingBlanks(all) : 0;
    const progress = decode(all, output, { last, textFrom });
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
