import { indexOfByte } from '@mox/runtime';
import type { Canonicalization } from './canonicalize-header.ts';
import { findReducible } from './find-reducible.ts';

/** Takes the canonical form of a body, piece by piece. The bytes are only lent: they change after the call. */
export type BodySink = (bytes: Uint8Array) => void;

/** Brings a body into canonical form as it comes in, whatever its pieces are. */
export interface BodyCanonicalizer {
  write(bytes: Uint8Array): void;
  /** The body is over. */
  end(): void;
}

const cr = 13;
const lf = 10;
const crlf: Uint8Array = /* @__PURE__ */ Uint8Array.of(cr, lf);
const manyCrlf: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 4096 }, (_, i) => (i % 2 === 0 ? cr : lf));

function writeCrlfs(sink: BodySink, count: number): void {
  for (let left = count * 2; left > 0; left -= manyCrlf.length) sink(left >= manyCrlf.length ? manyCrlf : manyCrlf.subarray(0, left));
}

/** "simple" (RFC 6376 §3.4.3): empty lines at the end become one CRLF. */
class SimpleBody implements BodyCanonicalizer {
  readonly #sink: BodySink;
  /** Line ends seen that may turn out to be the end of the body. */
  #heldCrlfs = 0;
  /** A CR at the end of a piece: what it is, the next byte tells. */
  #heldCr = false;

  constructor(sink: BodySink) {
    this.#sink = sink;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    let start = 0;
    if (this.#heldCr) {
      this.#heldCr = false;
      if (bytes[0] === lf) {
        this.#heldCrlfs++;
        start = 1;
      } else {
        this.#flush();
        this.#sink(crlf.subarray(0, 1));
      }
    }
    while (bytes[start] === cr && bytes[start + 1] === lf) {
      this.#heldCrlfs++;
      start += 2;
    }
    let end = bytes.length;
    if (end > start && bytes[end - 1] === cr) {
      this.#heldCr = true;
      end--;
    }
    if (end <= start) return;
    let lines = 0;
    while (end - 2 >= start && bytes[end - 1] === lf && bytes[end - 2] === cr) {
      lines++;
      end -= 2;
    }
    this.#flush();
    this.#sink(bytes.subarray(start, end));
    this.#heldCrlfs = lines;
  }

  #flush(): void {
    writeCrlfs(this.#sink, this.#heldCrlfs);
    this.#heldCrlfs = 0;
  }

  end(): void {
    if (this.#heldCr) {
      this.#flush();
      this.#sink(crlf.subarray(0, 1));
    }
    this.#sink(crlf);
  }
}

/** Bytes that are worked on at a time. */
const roundBytes = 32_768;
/**
 * Input and output of a round, shared by all: a round is over before anything else can happen. The input is copied to where it
 * can be read by words, with a byte behind it that is neither white space nor of a line end: no loop needs to look for the end.
 */
const roundBuffer: ArrayBuffer = /* @__PURE__ */ new ArrayBuffer(roundBytes + 4);
const roundInput: Uint8Array = /* @__PURE__ */ new Uint8Array(roundBuffer);
const roundWords: Int32Array = /* @__PURE__ */ new Int32Array(roundBuffer);
/** With room for what was held back before the round. */
const roundOutput: Uint8Array = /* @__PURE__ */ new Uint8Array(roundBytes + 8);
/** Stretches at least as long go on without being copied. */
const directBytes = 2048;

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9;
}

/** Offset behind the last byte of the round's input that is neither white space nor of a line end, nor a CR that may become one. */
function findContentEnd(length: number): number {
  let end = length;
  if (end > 0 && roundInput[end - 1] === cr) end--;
  while (end > 0) {
    const last = roundInput[end - 1];
    if (isBlank(last)) end--;
    else if (last === lf && end > 1 && roundInput[end - 2] === cr) end -= 2;
    else break;
  }
  return end;
}

/** "relaxed" (RFC 6376 §3.4.4): runs of white space become one space, none at line ends; empty lines at the end go. */
class RelaxedBody implements BodyCanonicalizer {
  readonly #sink: BodySink;
  /** Bytes in `roundOutput`. */
  #length = 0;
  /** What was seen since the last content, in this order: whether it stays, the next content tells. */
  #heldCrlfs = 0;
  #heldSpace = false;
  #heldCr = false;
  #empty = true;

  constructor(sink: BodySink) {
    this.#sink = sink;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += roundBytes) this.#round(bytes.subarray(at, at + roundBytes));
  }

  /** Stretches that stay as they are are searched for and passed on whole; only what lies between is looked at byte by byte. */
  #round(bytes: Uint8Array): void {
    roundInput.set(bytes);
    roundInput[bytes.length] = 0;
    const contentEnd = findContentEnd(bytes.length);
    // Base64, which most of what is large is, has no white space within its lines.
    const hasBlanks = indexOfByte(bytes, 32, 0) >= 0 || indexOfByte(bytes, 9, 0) >= 0;
    let at = this.#hold(this.#heldCr ? this.#endHeldCr() : 0, bytes.length);
    while (at < contentEnd) {
      this.#release();
      const end = hasBlanks ? findReducible(roundInput, roundWords, at, contentEnd) : contentEnd;
      this.#copy(at, end);
      at = this.#hold(end, bytes.length);
    }
    this.#flush();
  }

  #flush(): void {
    if (this.#length > 0) this.#sink(roundOutput.subarray(0, this.#length));
    this.#length = 0;
  }

  #copy(start: number, end: number): void {
    const length = end - start;
    if (length >= directBytes) {
      this.#flush();
      this.#sink(roundInput.subarray(start, end));
      return;
    }
    // Words and short lines are copied faster by hand.
    if (length > 64) roundOutput.set(roundInput.subarray(start, end), this.#length);
    else for (let from = start, to = this.#length; from < end; from++, to++) roundOutput[to] = roundInput[from] as number;
    this.#length += length;
  }

  /** Goes over white space and line ends up to the next content, and holds them back; returns where that is. */
  #hold(start: number, length: number): number {
    let at = start;
    for (;;) {
      const blanks = at;
      while (isBlank(roundInput[at])) at++;
      if (at > blanks) this.#heldSpace = true;
      const lineEnds = at;
      while (roundInput[at] === cr && roundInput[at + 1] === lf) at += 2;
      if (at === lineEnds) break;
      this.#heldSpace = false;
      this.#heldCrlfs += (at - lineEnds) / 2;
    }
    if (at !== length - 1 || roundInput[at] !== cr) return at;
    this.#heldCr = true;
    return length;
  }

  /** The last piece ended in a CR: if this one starts with LF both are a line end. Returns where to go on. */
  #endHeldCr(): number {
    this.#heldCr = false;
    if (roundInput[0] === lf) {
      this.#heldSpace = false;
      this.#heldCrlfs++;
      return 1;
    }
    this.#releaseCr();
    return 0;
  }

  /** What was held back comes before content, and so is content. */
  #release(): void {
    if (this.#heldCrlfs > 2) {
      this.#flush();
      writeCrlfs(this.#sink, this.#heldCrlfs);
    } else {
      for (let i = 0; i < this.#heldCrlfs; i++) {
        roundOutput[this.#length++] = cr;
        roundOutput[this.#length++] = lf;
      }
    }
    this.#heldCrlfs = 0;
    if (this.#heldSpace) roundOutput[this.#length++] = 32;
    this.#heldSpace = false;
    this.#empty = false;
  }

  /** A CR that starts no line end is content. */
  #releaseCr(): void {
    this.#release();
    roundOutput[this.#length++] = cr;
  }

  end(): void {
    if (this.#heldCr) {
      this.#releaseCr();
      this.#flush();
    }
    if (!this.#empty) this.#sink(crlf);
  }
}

/** Starts the canonicalization of a body; its result goes to `sink` in pieces. */
export function canonicalizeBody(canonicalization: Canonicalization, sink: BodySink): BodyCanonicalizer {
  return canonicalization === 'simple' ? new SimpleBody(sink) : new RelaxedBody(sink);
}
