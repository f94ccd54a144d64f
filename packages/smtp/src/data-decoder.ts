const cr = 0x0d;
const lf = 0x0a;
const dot = 0x2e;
const crByte = /* @__PURE__ */ Uint8Array.of(cr);

// Where the decoder stands within a line of mail data.
const lineStart = 0;
const inLine = 1;
const afterCr = 2;
/** A dot at the start of a line was read, and not passed on. */
const afterDot = 3;
/** A dot and a CR were read, and not passed on: an LF now ends the data. */
const afterDotCr = 4;

/** Views that a piece may be passed on in: a piece with more dots is copied together, so that no peer has us handle three bytes at a time. */
const mostViews = 8;
/** Below this length bytes are copied one by one: faster than a call. */
const shortRun = 48;

/** Passes content of one piece on: in views of it while they are few, in one copy from then on. */
class Passer {
  readonly #piece: Uint8Array;
  readonly #pass: (chunk: Uint8Array) => void;
  #views = 0;
  #copy: Uint8Array | undefined;
  #copied = 0;
  sizeBytes = 0;

  constructor(piece: Uint8Array, pass: (chunk: Uint8Array) => void) {
    this.#piece = piece;
    this.#pass = pass;
  }

  /** Content from `start` to `end` of the piece. */
  run(start: number, end: number): void {
    const length = end - start;
    if (length <= 0) return;
    this.sizeBytes += length;
    if (this.#views < mostViews) {
      this.#views++;
      return this.#pass(length === this.#piece.length ? this.#piece : this.#piece.subarray(start, end));
    }
    this.#copy ??= new Uint8Array(this.#piece.length);
    if (length > shortRun) this.#copy.set(this.#piece.subarray(start, end), this.#copied);
    else for (let i = 0; i < length; i++) this.#copy[this.#copied + i] = this.#piece[start + i] as number;
    this.#copied += length;
  }

  /** A CR of the piece before. */
  cr(): void {
    this.sizeBytes++;
    if (this.#copy) this.#copy[this.#copied++] = cr;
    else this.#pass(crByte);
  }

  end(): void {
    if (this.#copy) this.#pass(this.#copy.subarray(0, this.#copied));
  }
}

/** What the content of a message was like, byte by byte. */
export interface ContentFacts {
  /** Octets of the content, dots for transparency not counted (RFC 1870 §5). */
  readonly sizeBytes: number;
  /** A CR that no LF follows. */
  readonly bareCr: boolean;
  /** An LF that no CR comes before. */
  readonly bareLf: boolean;
  /** Octets above 127. */
  readonly eightBit: boolean;
}

/**
 * Undoes the transparency of mail data (RFC 5321 §4.5.2), on a stream: only CR LF . CR LF ends it (RFC 5321 §4.1.1.4).
 * Bare CR and bare LF are passed on and noted: they are no line ends (RFC 5321 §2.3.8), neither for the end nor for dots.
 */
export class DataDecoder implements ContentFacts {
  sizeBytes = 0;
  bareCr = false;
  bareLf = false;
  eightBit = false;
  /** The end of the data was read. */
  done = false;
  #state: number = lineStart;

  /**
   * Decodes a piece and passes its content on, in views of it unless many dots had to be taken out. Returns how many bytes were
   * used: all, unless the end of the data lies within.
   */
  decode(piece: Uint8Array, pass: (chunk: Uint8Array) => void): number {
    const length = piece.length;
    let state = this.#state;
    let seen = 0;
    let start = 0;
    let at = 0;
    const passer = new Passer(piece, pass);
    while (at < length) {
      const byte = piece[at] as number;
      if (state === inLine) {
        // The loop of nearly all bytes: a line's text up to its CR, or an LF where none may be.
        let text = byte;
        while (text > cr || (text !== cr && text !== lf)) {
          seen |= text;
          if (++at === length) break;
          text = piece[at] as number;
        }
        if (at === length) break;
        if (text === lf) this.bareLf = true;
        else if (piece[at + 1] === lf) {
          state = lineStart;
          at++;
        } else state = afterCr;
        at++;
      } else if (state === afterCr) {
        if (byte === lf) {
          state = lineStart;
          at++;
        } else {
          this.bareCr = true;
          if (byte === cr) at++;
          else state = inLine;
        }
      } else if (state === lineStart) {
        state = inLine;
        if (byte === cr && piece[at + 1] === lf) {
          state = lineStart;
          at += 2;
        } else if (byte === dot) {
          passer.run(start, at);
          start = ++at;
          state = afterDot;
        }
      } else if (state === afterDot) {
        if (byte === cr) {
          state = afterDotCr;
          start = ++at;
        } else state = inLine;
      } else {
        if (byte === lf) {
          this.done = true;
          break;
        }
        // A dot, a CR and something else: the CR is part of the line.
        this.bareCr = true;
        passer.cr();
        state = byte === cr ? afterCr : inLine;
        if (byte === cr) at++;
      }
    }
    if (seen > 127) this.eightBit = true;
    this.#state = state;
    if (!this.done) passer.run(start, length);
    passer.end();
    this.sizeBytes += passer.sizeBytes;
    return this.done ? at + 1 : length;
  }
}
