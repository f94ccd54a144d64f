const cr = 0x0d;
const lf = 0x0a;
const dot = 0x2e;
const end = /* @__PURE__ */ Uint8Array.of(dot, cr, lf);
const crlfEnd = /* @__PURE__ */ Uint8Array.of(cr, lf, dot, cr, lf);
/** Below this length bytes are copied one by one: faster than a call. */
const shortRun = 48;

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
    const inserts: number[] = [];
    this.#scan(piece, inserts);
    return inserts.length === 0 ? piece : insert(piece, inserts);
  }

  /** Finds out what has to be put in: offset and byte, in turn. */
  #scan(piece: Uint8Array, inserts: number[]): void {
    const length = piece.length;
    let state = this.#state;
    let at = 0;
    while (at < length) {
      if (state === afterCr) {
        state = lineStart;
        if (piece[at] === lf) at++;
        else {
          this.changed = true;
          inserts.push(at, lf);
        }
        continue;
      }
      if (state === lineStart && piece[at] === dot) inserts.push(at, dot);
      const start = at;
      while (at < length && ((piece[at] as number) > cr || (piece[at] !== cr && piece[at] !== lf))) at++;
      if (at > start) state = inLine;
      if (at === length) break;
      if (piece[at] === cr) state = afterCr;
      else {
        this.changed = true;
        inserts.push(at, cr);
        state = lineStart;
      }
      at++;
    }
    this.#state = state;
  }

  /** What ends the data: a line end where the content lacks one, and the line with a dot (RFC 5321 §4.1.1.4). */
  finish(): Uint8Array {
    if (this.#state === lineStart) return end;
    if (this.#state === inLine) return crlfEnd;
    this.changed = true;
    return crlfEnd.subarray(1);
  }
}

/** A piece with bytes put in before the offsets given. */
function insert(piece: Uint8Array, inserts: readonly number[]): Uint8Array {
  const encoded = new Uint8Array(piece.length + inserts.length / 2);
  let from = 0;
  let to = 0;
  for (let i = 0; i <= inserts.length; i += 2) {
    const until = inserts[i] ?? piece.length;
    if (until - from > shortRun) {
      encoded.set(piece.subarray(from, until), to);
      to += until - from;
    } else for (let at = from; at < until; at++) encoded[to++] = piece[at] as number;
    from = until;
    if (i < inserts.length) encoded[to++] = inserts[i + 1] as number;
  }
  return encoded;
}
