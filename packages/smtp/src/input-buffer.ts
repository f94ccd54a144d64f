import { concatBytes } from '@mox/runtime';

const lf = 0x0a;
const cr = 0x0d;
/** Pieces below this size are gathered, so that a peer sending single bytes costs bytes, not arrays. */
const gatherBytes = 1024;

/** What `takeLine` found. */
export type InputLine =
  /** A line without its CR LF. */
  | { readonly type: 'line'; readonly bytes: Uint8Array }
  /** LF without CR before it: what is wrong goes on up to the next CR LF, see `discardLine`. */
  | { readonly type: 'bare-lf' }
  /** More bytes than allowed without a line end: the rest of the line is for `discardLine`. */
  | { readonly type: 'too-long' };

/** Received bytes that wait to be parsed. Time is linear in what is pushed, however small the pieces. */
export class InputBuffer {
  #pieces: Uint8Array[] = [];
  /** Index of the first piece that is not used up. */
  #head = 0;
  /** Bytes of the first piece that are used up. */
  #at = 0;
  #length = 0;
  /** The last piece, where it is one that small pieces are gathered in, and how much of it is filled. */
  #gather: Uint8Array | undefined;
  #gathered = 0;
  /** How many bytes from the front are known to hold no LF. */
  #scanned = 0;
  /** The byte before the next one, while a line is thrown away. */
  #last = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#length > 0 && bytes.length < gatherBytes) this.#gatherIn(bytes);
    else {
      this.#gather = undefined;
      this.#pieces.push(bytes);
    }
    this.#length += bytes.length;
  }

  #gatherIn(bytes: Uint8Array): void {
    if (this.#gather && this.#gathered + bytes.length <= this.#gather.length) {
      this.#gather.set(bytes, this.#gathered);
      this.#gathered += bytes.length;
      this.#pieces[this.#pieces.length - 1] = this.#gather.subarray(0, this.#gathered);
      return;
    }
    this.#gather = new Uint8Array(4 * gatherBytes);
    this.#gather.set(bytes);
    this.#gathered = bytes.length;
    this.#pieces.push(this.#gather.subarray(0, this.#gathered));
  }

  /** Throws everything away and says how much it was. */
  clear(): number {
    const length = this.#length;
    this.#pieces = [];
    this.#head = this.#at = this.#length = this.#scanned = 0;
    this.#gather = undefined;
    return length;
  }

  /** The first bytes, as many as lie together; undefined where there are none. Not copied. */
  peekPiece(): Uint8Array | undefined {
    const piece = this.#pieces[this.#head];
    return piece && this.#at > 0 ? piece.subarray(this.#at) : piece;
  }

  /** Goes past bytes of the piece that `peekPiece` gave. */
  skip(count: number): void {
    this.#length -= count;
    this.#at += count;
    this.#scanned = Math.max(0, this.#scanned - count);
    if (this.#at < (this.#pieces[this.#head]?.length ?? 0)) return;
    this.#at = 0;
    this.#head++;
    if (this.#head === this.#pieces.length) {
      this.#pieces = [];
      this.#head = 0;
      this.#gather = undefined;
    } else if (this.#head >= 64) {
      this.#pieces.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /**
   * The next line (RFC 5321 §2.3.8), undefined where none is whole yet. Only CR LF ends a line.
   * `limit` counts the line end in.
   */
  takeLine(limit: number): InputLine | undefined {
    const length = this.#lineLength();
    if (length === undefined ? this.#length >= limit : length > limit) {
      this.#last = this.#takeBytes(limit).at(-1) ?? 0;
      return { type: 'too-long' };
    }
    if (length === undefined) return undefined;
    const bytes = this.#takeBytes(length);
    if (bytes.length >= 2 && bytes[bytes.length - 2] === cr) return { type: 'line', bytes: bytes.subarray(0, -2) };
    this.#last = lf;
    return { type: 'bare-lf' };
  }

  /** Throws away the rest of a line that is refused already. Says what it ran into: its end, or one more LF without CR. */
  discardLine(): 'line-end' | 'bare-lf' | undefined {
    for (let piece = this.peekPiece(); piece; piece = this.peekPiece()) {
      const found = piece.indexOf(lf);
      const before = found > 0 ? piece[found - 1] : this.#last;
      this.#last = piece.at(-1) ?? 0;
      this.skip(found < 0 ? piece.length : found + 1);
      if (found < 0) continue;
      if (before === cr) return 'line-end';
      this.#last = lf;
      return 'bare-lf';
    }
    return undefined;
  }

  /** Length of the next line with its LF. */
  #lineLength(): number | undefined {
    let before = 0;
    for (let i = this.#head; i < this.#pieces.length; i++) {
      const piece = this.#pieces[i] as Uint8Array;
      const start = i === this.#head ? this.#at : 0;
      const length = piece.length - start;
      if (before + length > this.#scanned) {
        const found = piece.indexOf(lf, start + Math.max(0, this.#scanned - before));
        if (found >= 0) return before + found - start + 1;
      }
      before += length;
    }
    this.#scanned = before;
    return undefined;
  }

  #takeBytes(count: number): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let rest = count; rest > 0; ) {
      const piece = this.peekPiece();
      if (!piece) break;
      const part = piece.length > rest ? piece.subarray(0, rest) : piece;
      this.skip(part.length);
      parts.push(part);
      rest -= part.length;
    }
    return concatBytes(parts);
  }
}
