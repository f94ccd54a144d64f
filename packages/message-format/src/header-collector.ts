import { concatBytes, emptyBytes } from '@mox/runtime';
import type { HeaderSection } from './entity-header.ts';
import type { Piece } from './line-scanner.ts';

/** Puts header sections together that come in pieces, and sees to it that all of them keep below a limit. */
export class HeaderCollector {
  #left: number;
  #start = 0;
  #kept: Uint8Array = emptyBytes;
  #keptLength = 0;

  constructor(limitBytes: number) {
    this.#left = limitBytes;
  }

  /** A section starts at an offset of the message. */
  begin(start: number): void {
    this.#start = start;
    this.#keptLength = 0;
  }

  /** Keeps the bytes of the section in a piece up to the index `end`, as far as the limit goes. */
  keep(piece: Piece, end: number): void {
    const from = Math.max(0, this.#start - piece.base);
    const bytes = piece.bytes.subarray(from, Math.max(from, Math.min(end, from + this.#left - this.#keptLength)));
    const length = this.#keptLength + bytes.length;
    if (length > this.#kept.length) {
      const larger = new Uint8Array(Math.min(this.#left, Math.max(4096, length * 2)));
      larger.set(this.#kept.subarray(0, this.#keptLength));
      this.#kept = larger;
    }
    this.#kept.set(bytes, this.#keptLength);
    this.#keptLength = length;
  }

  /** The section as far as the index `end` of the piece; nothing where it is beyond the limit. */
  peek(piece: Piece, end: number): Uint8Array {
    const from = this.#start - piece.base;
    if (piece.base + end - this.#start > this.#left) return emptyBytes;
    if (from >= 0) return piece.bytes.subarray(from, end);
    return concatBytes([this.#kept.subarray(0, this.#keptLength), piece.bytes.subarray(0, end)]);
  }

  /** The section, which ends at the index `end` of the piece, by an empty line or not. Its bytes are good until the next call. */
  take(piece: Piece, end: number, ended: boolean): HeaderSection {
    const from = this.#start - piece.base;
    const sizeBytes = piece.base + end - this.#start;
    const cut = sizeBytes > this.#left;
    const length = cut ? this.#left : sizeBytes;
    let bytes: Uint8Array;
    if (from >= 0) bytes = piece.bytes.subarray(from, from + length);
    else {
      this.keep(piece, end);
      bytes = this.#kept.subarray(0, length);
    }
    this.#left -= length;
    this.#keptLength = 0;
    return { bytes, start: this.#start, cut, ended };
  }
}
