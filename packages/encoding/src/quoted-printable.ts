import { concatBytes, emptyBytes } from '@mox/runtime';

const cr = 13;
const lf = 10;
const space = 32;
const tab = 9;
const equals = 61;

/** Longest line in characters, a soft line break's `=` counted (RFC 2045 §6.7 rule 5). */
const lineLimit = 76;
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

/**
 * Decodes what stands behind a `=` at `at`. False where the input ends too early to tell.
 * deviates RFC 2045 §6.7: a `=` that starts nothing stands for itself, lower-case digits are read, nothing is refused.
 */
function decodeEscape(bytes: Uint8Array, output: Uint8Array, progress: Progress, last: boolean): boolean {
  const at = progress.input;
  const high = hexValues[bytes[at + 1] ?? 0] ?? -1;
  const low = hexValues[bytes[at + 2] ?? 0] ?? -1;
  if (high >= 0 && low >= 0 && at + 2 < bytes.length) {
    output[progress.output++] = (high << 4) | low;
    progress.input = at + 3;
    return true;
  }
  let end = at + 1;
  while (end < bytes.length && end - at <= blankLimit && isBlank(bytes[end])) end++;
  if (bytes[end] === cr && end < bytes.length) end++;
  if (end < bytes.length && bytes[end] === lf) {
    progress.input = end + 1;
    return true;
  }
  const undecided = end >= bytes.length || (high >= 0 && at + 2 >= bytes.length);
  if (undecided && !last) return false;
  if (end < bytes.length || high >= 0) output[progress.output++] = equals;
  progress.input = end >= bytes.length && high < 0 ? bytes.length : at + 1;
  return true;
}

/** Where the white space before a line end starts in what was written; `floor` is where escapes end: those stay. */
function trimBlanks(output: Uint8Array, end: number, floor: number): number {
  const least = Math.max(floor, end - blankLimit);
  let at = end;
  while (at > least && isBlank(output[at - 1])) at--;
  return at === least && at > floor && isBlank(output[at - 1]) ? end : at;
}

/** Start of what may still turn out to be white space before a line end. */
function undecidedTail(bytes: Uint8Array, from: number): number {
  let at = bytes.length;
  if (at > from && bytes[at - 1] === cr) at--;
  const least = Math.max(from, at - blankLimit);
  while (at > least && isBlank(bytes[at - 1])) at--;
  return at;
}

/** Decodes into `output`, which has room for all; returns how much was used and written. */
function decode(bytes: Uint8Array, output: Uint8Array, last: boolean): Progress {
  const progress: Progress = { input: 0, output: 0 };
  let floor = 0;
  const length = bytes.length;
  while (progress.input < length) {
    let i = progress.input;
    let o = progress.output;
    for (; i < length; i++) {
      const code = bytes[i] as number;
      if (code === equals) break;
      if (code === lf) {
        const lineEnd = o > floor && output[o - 1] === cr ? 1 : 0;
        const kept = trimBlanks(output, o - lineEnd, floor);
        o = kept;
        if (lineEnd) output[o++] = cr;
        output[o++] = lf;
        floor = o;
      } else output[o++] = code;
    }
    progress.input = i;
    progress.output = o;
    if (i >= length) break;
    if (!decodeEscape(bytes, output, progress, last)) break;
    floor = progress.output;
  }
  if (last) {
    progress.output = trimBlanks(output, progress.output, floor);
  } else if (progress.input >= length) {
    const held = Math.min(length - undecidedTail(bytes, 0), progress.output - floor);
    progress.input -= held;
    progress.output -= held;
  }
  return progress;
}

/** Reads quoted-printable (RFC 2045 §6.7), soft line breaks and white space at line ends taken away. Never fails. */
export function decodeQuotedPrintable(bytes: Uint8Array): Uint8Array {
  const output = new Uint8Array(bytes.length);
  return output.subarray(0, decode(bytes, output, true).output);
}

/** Decodes quoted-printable that comes in pieces, as `decodeQuotedPrintable`, whatever the pieces' borders. */
export class QuotedPrintableDecoder {
  #carry: Uint8Array = emptyBytes;

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
    const progress = decode(all, output, last);
    this.#carry = last ? emptyBytes : all.slice(progress.input);
    return output.subarray(0, progress.output);
  }
}

/** How to write quoted-printable. */
export interface QuotedPrintableOptions {
  /**
   * The bytes are text in lines that end in CRLF or LF, which stay line ends, written as CRLF (RFC 2045 §6.7 rule 4).
   * Without it every CR and LF is escaped, and what is decoded is the same bytes.
   */
  readonly text?: boolean;
}

const hexDigits: Uint8Array = Uint8Array.from('0123456789ABCDEF', (digit) => digit.charCodeAt(0));
/** 1 for bytes that stand for themselves (RFC 2045 §6.7 rule 2). */
const literal: Uint8Array = new Uint8Array(256);
for (let code = 33; code <= 126; code++) literal[code] = code === equals ? 0 : 1;

/** Encodes bytes that come in pieces as quoted-printable (RFC 2045 §6.7). */
export class QuotedPrintableEncoder {
  readonly #text: boolean;
  /** Characters on the current line. */
  #column = 0;
  /** A byte that can be told only with the next: a blank or a CR. */
  #held = -1;
  #output = emptyBytes;
  #length = 0;

  constructor(options: QuotedPrintableOptions = {}) {
    this.#text = options.text === true;
  }

  /** Encoded bytes; one blank or CR may be held back until the next piece. */
  push(bytes: Uint8Array): Uint8Array {
    // At most three characters a byte, and a soft line break of three for each 75 of them.
    this.#output = new Uint8Array(Math.ceil((bytes.length + 2) * 3.15) + 8);
    this.#length = 0;
    for (let i = 0; i < bytes.length; i++) this.#put(bytes[i] as number);
    return this.#take();
  }

  /** What was held back. */
  end(): Uint8Array {
    this.#output = new Uint8Array(8);
    this.#length = 0;
    if (this.#held >= 0) this.#escape(this.#held);
    this.#held = -1;
    this.#column = 0;
    return this.#take();
  }

  #take(): Uint8Array {
    const output = this.#output.subarray(0, this.#length);
    this.#output = emptyBytes;
    return output;
  }

  #put(code: number): void {
    if (this.#held >= 0) {
      const held = this.#held;
      this.#held = -1;
      if (this.#text && code === lf) {
        if (held !== cr) this.#escape(held);
        this.#lineEnd();
        return;
      }
      if (held === cr) this.#escape(held);
      else if (this.#text && code === cr) {
        // A blank before CR may be at a line's end: it is escaped, which is right in both cases.
        this.#escape(held);
      } else this.#literal(held);
    }
    if (literal[code] === 1) this.#literal(code);
    else if (code === space || code === tab || (this.#text && code === cr)) this.#held = code;
    else if (this.#text && code === lf) this.#lineEnd();
    else this.#escape(code);
  }

  #lineEnd(): void {
    this.#output[this.#length++] = cr;
    this.#output[this.#length++] = lf;
    this.#column = 0;
  }

  /** Makes room on the line for so many characters, and for the `=` of a soft line break behind them. */
  #room(characters: number): void {
    if (this.#column + characters < lineLimit) return;
    this.#output[this.#length++] = equals;
    this.#lineEnd();
  }

  #literal(code: number): void {
    this.#room(1);
    this.#output[this.#length++] = code;
    this.#column++;
  }

  #escape(code: number): void {
    this.#room(3);
    this.#output[this.#length++] = equals;
    this.#output[this.#length++] = hexDigits[code >>> 4] as number;
    this.#output[this.#length++] = hexDigits[code & 15] as number;
    this.#column += 3;
  }
}

/** Writes bytes as quoted-printable (RFC 2045 §6.7): no line longer than 76 characters, no blank at a line's end. */
export function encodeQuotedPrintable(bytes: Uint8Array, options: QuotedPrintableOptions = {}): Uint8Array {
  const encoder = new QuotedPrintableEncoder(options);
  return concatBytes([encoder.push(bytes), encoder.end()]);
}
