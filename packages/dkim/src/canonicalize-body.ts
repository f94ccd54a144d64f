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
const roundBytes = 16_384;

/** "relaxed" (RFC 6376 §3.4.4): runs of white space become one space, none at line ends; empty lines at the end go. */
class RelaxedBody implements BodyCanonicalizer {
  readonly #sink: BodySink;
  readonly #out = new Uint8Array(roundBytes * 2 + 8);
  #heldCrlfs = 0;
  #heldSpace = false;
  #heldCr = false;
  #empty = true;

  constructor(sink: BodySink) {
    this.#sink = sink;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += roundBytes) this.#round(bytes, at, Math.min(bytes.length, at + roundBytes));
  }

  /** What was held back comes before content, and is content. Returns the new length of the output. */
  #release(length: number): number {
    const out = this.#out;
    let at = length;
    if (this.#heldCrlfs > 0) {
      if (this.#heldCrlfs > 2) {
        this.#sink(out.subarray(0, at));
        writeCrlfs(this.#sink, this.#heldCrlfs);
        at = 0;
      } else {
        for (; this.#heldCrlfs > 0; this.#heldCrlfs--) {
          out[at++] = cr;
          out[at++] = lf;
        }
      }
      this.#heldCrlfs = 0;
    }
    if (this.#heldSpace) {
      out[at++] = 32;
      this.#heldSpace = false;
    }
    this.#empty = false;
    return at;
  }

  #round(bytes: Uint8Array, start: number, end: number): void {
    const out = this.#out;
    let length = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#heldCr) {
        this.#heldCr = false;
        if (byte === lf) {
          this.#heldSpace = false;
          this.#heldCrlfs++;
          continue;
        }
        length = this.#release(length);
        out[length++] = cr;
      }
      if (byte === 32 || byte === 9) {
        this.#heldSpace = true;
      } else if (byte === cr) {
        this.#heldCr = true;
      } else {
        if (this.#heldSpace || this.#heldCrlfs > 0 || this.#empty) length = this.#release(length);
        out[length++] = byte;
        // The rest of the word, in a loop of its own: most bytes are of this kind.
        while (at + 1 < end) {
          const next = bytes[at + 1] ?? 0;
          if (next === 32 || next === cr || next === 9) break;
          out[length++] = next;
          at++;
        }
      }
    }
    if (length > 0) this.#sink(out.subarray(0, length));
  }

  end(): void {
    if (this.#heldCr) {
      const length = this.#release(0);
      this.#out[length] = cr;
      this.#sink(this.#out.subarray(0, length + 1));
    }
    if (!this.#empty) this.#sink(crlf);
  }
}

/** Starts the canonicalization of a body; its result goes to `sink` in pieces. */
export function canonicalizeBody(canonicalization: Canonicalization, sink: BodySink): BodyCanonicalizer {
  return canonicalization === 'simple' ? new SimpleBody(sink) : new RelaxedBody(sink);
}
