import type { CharClass } from './char-class.ts';

/** A place in an array of bytes: the byte-wise twin of `TextCursor`. */
export class ByteCursor {
  readonly bytes: Uint8Array;
  /** Offset of the next byte. May be set, to go back. */
  at: number;
  /** Where the input ends for this cursor. */
  readonly end: number;

  constructor(bytes: Uint8Array, at: number = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** The next byte, or -1 at the end. */
  peek(): number {
    return this.at < this.end ? (this.bytes[this.at] ?? -1) : -1;
  }

  /** Goes past one byte if it comes next. */
  take(byte: number): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** Goes past the given ASCII text if it comes next, without regard to the case of letters. */
  takeIgnoringCase(expected: string): boolean {
    if (this.at + expected.length > this.end) return false;
    for (let i = 0; i < expected.length; i++) {
      const have = this.bytes[this.at + i] ?? 0;
      const want = expected.charCodeAt(i);
      if (have !== want && (have | 32) !== (want | 32)) return false;
      if (have !== want && ((have | 32) < 97 || (have | 32) > 122)) return false;
    }
    this.at += expected.length;
    return true;
  }

  /** The bytes taken as long as they are in the class, as a view. */
  takeWhile(isMember: CharClass): Uint8Array {
    const start = this.at;
    this.skipWhile(isMember);
    return this.bytes.subarray(start, this.at);
  }

  /** Goes past bytes of the class and says how many there were. */
  skipWhile(isMember: CharClass): number {
    const start = this.at;
    while (this.at < this.end && isMember(this.bytes[this.at] ?? 0)) this.at++;
    return this.at - start;
  }
}
