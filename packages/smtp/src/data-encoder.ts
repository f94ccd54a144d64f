import { emptyBytes } from '@mox/runtime';

const cr = 0x0d;
const lf = 0x0a;
const dot = 0x2e;
const crlf = Uint8Array.of(cr, lf);
const dotByte = Uint8Array.of(dot);
const end = Uint8Array.of(dot, cr, lf);
const crlfEnd = Uint8Array.of(cr, lf, dot, cr, lf);

/**
 * Makes mail data transparent (RFC 5321 §4.5.2), on a stream: doubles the dots at the starts of lines.
 * A client must not send a CR or LF that is no line end (RFC 5321 §2.3.8): each of them becomes CR LF.
 */
export class DataEncoder {
  /** Bare CR or LF were found and made line ends: the content that arrives differs from what was given. */
  changed = false;
  #atLineStart = true;
  /** A CR was given last; it is sent when it is known what follows. */
  #heldCr = false;

  /** Encodes a piece: views of it, in order, with what has to stand between them. */
  encode(piece: Uint8Array): Uint8Array[] {
    const parts: Uint8Array[] = [];
    let start = 0;
    let at = 0;
    const cut = (resume: number, insert: Uint8Array): void => {
      if (at > start) parts.push(piece.subarray(start, at));
      parts.push(insert);
      start = resume;
    };
    while (at < piece.length) {
      const byte = piece[at] as number;
      if (this.#heldCr) {
        this.#heldCr = false;
        this.#atLineStart = true;
        parts.push(crlf);
        if (byte === lf) start = at = at + 1;
        else this.changed = true;
      } else if (byte === cr && at + 1 === piece.length) {
        cut(at + 1, emptyBytes);
        this.#heldCr = true;
        at++;
      } else if (byte === cr && piece[at + 1] === lf) {
        at += 2;
        this.#atLineStart = true;
      } else if (byte === cr || byte === lf) {
        this.changed = true;
        this.#atLineStart = true;
        cut(at + 1, crlf);
        at++;
      } else {
        if (byte === dot && this.#atLineStart) cut(at, dotByte);
        this.#atLineStart = false;
        at = skipText(piece, at + 1);
      }
    }
    if (at > start) parts.push(piece.subarray(start, at));
    return parts.filter((part) => part.length > 0);
  }

  /** What ends the data: a line end where the content lacks one, and the line with a dot (RFC 5321 §4.1.1.4). */
  finish(): Uint8Array {
    if (this.#heldCr) this.changed = true;
    return this.#atLineStart && !this.#heldCr ? end : crlfEnd;
  }
}

/** Offset of the next CR or LF, or the end. */
function skipText(piece: Uint8Array, from: number): number {
  let at = from;
  while (at < piece.length && piece[at] !== cr && piece[at] !== lf) at++;
  return at;
}
