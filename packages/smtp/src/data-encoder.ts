const cr = 0x0d;
const lf = 0x0a;
const dot = 0x2e;
const end = Uint8Array.of(dot, cr, lf);
const crlfEnd = Uint8Array.of(cr, lf, dot, cr, lf);

// What came last.
const lineStart = 0;
const inLine = 1;
/** A CR, sent already; an LF is owed where none follows. */
const afterCr = 2;

/**
 * Makes mail data transparent (RFC 5321 §4.5.2), on a stream: doubles the dots at the starts of lines.
 * A client must not send a CR or LF that is no line end (RFC 5321 §2.3.8): each of them becomes CR LF.
 */
export class DataEncoder {
  /** Bare CR or LF were found and made line ends: the content that arrives differs from what was given. */
  changed = false;
  #state: number = lineStart;

  /** Encodes a piece: the piece itself where nothing has to be put in. */
  encode(piece: Uint8Array): Uint8Array {
    const state = this.#state;
    const added = this.#scan(piece);
    if (added === 0) return piece;
    const encoded = new Uint8Array(piece.length + added);
    write(piece, encoded, state);
    return encoded;
  }

  /** Goes over a piece and says how many bytes have to be put in. */
  #scan(piece: Uint8Array): number {
    let state = this.#state;
    let added = 0;
    let stray = 0;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at] as number;
      if (state === inLine && byte !== cr && byte !== lf) continue;
      if (state === afterCr) {
        state = lineStart;
        if (byte === lf) continue;
        stray++;
      }
      if (byte === cr) state = afterCr;
      else if (byte === lf) {
        stray++;
        state = lineStart;
      } else {
        if (byte === dot && state === lineStart) added++;
        state = inLine;
      }
    }
    this.#state = state;
    if (stray > 0) this.changed = true;
    return added + stray;
  }

  /** What ends the data: a line end where the content lacks one, and the line with a dot (RFC 5321 §4.1.1.4). */
  finish(): Uint8Array {
    if (this.#state === lineStart) return end;
    if (this.#state === inLine) return crlfEnd;
    this.changed = true;
    return crlfEnd.subarray(1);
  }
}

/** Writes what `#scan` counted. */
function write(piece: Uint8Array, encoded: Uint8Array, before: number): void {
  let state = before;
  let to = 0;
  for (let at = 0; at < piece.length; at++) {
    const byte = piece[at] as number;
    if (state === afterCr) {
      state = lineStart;
      encoded[to++] = lf;
      if (byte === lf) continue;
    }
    if (byte === lf) {
      encoded[to++] = cr;
      encoded[to++] = lf;
      state = lineStart;
      continue;
    }
    if (byte === dot && state === lineStart) encoded[to++] = dot;
    encoded[to++] = byte;
    state = byte === cr ? afterCr : inLine;
  }
}
