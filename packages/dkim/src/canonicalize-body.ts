import { toLatin1 } from '@mox/runtime';
import type { Canonicalization } from './canonicalize-header.ts';

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
const crlf: Uint8Array = Uint8Array.of(cr, lf);
const manyCrlf: Uint8Array = new Uint8Array(4096);
for (let i = 0; i < manyCrlf.length; i += 2) manyCrlf.set(crlf, i);

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

/** Bytes that are worked on at a time: the output of one round. */
const roundBytes = 32_768;
/** Shared by all: a round fills it and hands it on before anything else can happen. Room for what was held back before each byte. */
const roundOutput: Uint8Array = new Uint8Array(roundBytes * 2 + 8);
/** Where white space is to be reduced; everywhere else bytes stay as they are. */
const reducible = /\t| [ \t]| \r\n/g;
/** Stretches at least as long go on without being copied. */
const directBytes = 2048;

function isBlankOrLineEnd(byte: number | undefined): boolean {
  return byte === 32 || byte === lf || byte === cr || byte === 9;
}

/** "relaxed" (RFC 6376 §3.4.4): runs of white space become one space, none at line ends; empty lines at the end go. */
class RelaxedBody implements BodyCanonicalizer {
  readonly #sink: BodySink;
  /** Bytes in `roundOutput`. */
  #length = 0;
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

  /** Stretches that stay as they are are found by native searches; only what lies between is looked at byte by byte. */
  #round(bytes: Uint8Array): void {
    let contentEnd = bytes.length;
    while (contentEnd > 0 && isBlankOrLineEnd(bytes[contentEnd - 1])) contentEnd--;
    const text = bytes.includes(32) || bytes.includes(9) ? toLatin1(bytes, 0, contentEnd) : '';
    let at = this.#step(bytes, 0);
    for (let matches = 0; at < contentEnd; matches++) {
      reducible.lastIndex = at;
      const next = reducible.exec(text)?.index ?? contentEnd;
      this.#copy(bytes, at, next);
      at = this.#step(bytes, next);
      // Where there is much to reduce, searching for it does not pay.
      if (matches > 64 && at < matches * 32) while (at < contentEnd) at = this.#step(bytes, at);
    }
    while (at < bytes.length) at = this.#step(bytes, at);
    this.#flush();
  }

  #flush(): void {
    if (this.#length > 0) this.#sink(roundOutput.subarray(0, this.#length));
    this.#length = 0;
  }

  #copy(bytes: Uint8Array, start: number, end: number): void {
    if (end <= start) return;
    const stretch = bytes.subarray(start, end);
    if (stretch.length < directBytes) {
      roundOutput.set(stretch, this.#length);
      this.#length += stretch.length;
    } else {
      this.#flush();
      this.#sink(stretch);
    }
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

  /** Goes over white space and line ends up to one byte of content, and past it; returns where. */
  #step(bytes: Uint8Array, start: number): number {
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#heldCr) {
        this.#heldCr = false;
        if (byte === lf) {
          this.#heldSpace = false;
          this.#heldCrlfs++;
          continue;
        }
        this.#release();
        roundOutput[this.#length++] = cr;
      }
      if (byte === 32 || byte === 9) this.#heldSpace = true;
      else if (byte === cr) this.#heldCr = true;
      else {
        this.#release();
        roundOutput[this.#length++] = byte;
        return at + 1;
      }
    }
    return bytes.length;
  }

  end(): void {
    if (this.#heldCr) {
      this.#release();
      roundOutput[this.#length++] = cr;
      this.#flush();
    }
    if (!this.#empty) this.#sink(crlf);
  }
}

/** Starts the canonicalization of a body; its result goes to `sink` in pieces. */
export function canonicalizeBody(canonicalization: Canonicalization, sink: BodySink): BodyCanonicalizer {
  return canonicalization === 'simple' ? new SimpleBody(sink) : new RelaxedBody(sink);
}
