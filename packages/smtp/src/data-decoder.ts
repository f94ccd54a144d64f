const cr = 0x0d;
const lf = 0x0a;
const dot = 0x2e;
const crByte = Uint8Array.of(cr);

// Where the decoder stands within a line of mail data.
const lineStart = 0;
const inLine = 1;
const afterCr = 2;
/** A dot at the start of a line was read, and not passed on. */
const afterDot = 3;
/** A dot and a CR were read, and not passed on: an LF now ends the data. */
const afterDotCr = 4;

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
   * Decodes a piece and passes its content on in views of it, not copied. Returns how many bytes were used: all,
   * unless the end of the data lies within.
   */
  decode(piece: Uint8Array, pass: (chunk: Uint8Array) => void): number {
    const length = piece.length;
    let state = this.#state;
    let seen = 0;
    let start = 0;
    let at = 0;
    const flush = (end: number): void => {
      if (end <= start) return;
      this.sizeBytes += end - start;
      pass(start === 0 && end === length ? piece : piece.subarray(start, end));
    };
    while (at < length) {
      const byte = piece[at] as number;
      if (state === inLine) {
        // The loop of nearly all bytes: a line's text up to its CR, or an LF where none may be.
        let text = byte;
        while (text !== cr && text !== lf) {
          seen |= text;
          if (++at === length) break;
          text = piece[at] as number;
        }
        if (at === length) break;
        if (text === lf) this.bareLf = true;
        else state = afterCr;
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
        if (byte === dot) {
          flush(at);
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
        this.sizeBytes++;
        pass(crByte);
        state = byte === cr ? afterCr : inLine;
        if (byte === cr) at++;
      }
    }
    if (seen > 127) this.eightBit = true;
    this.#state = state;
    if (this.done) return at + 1;
    flush(length);
    return length;
  }
}
