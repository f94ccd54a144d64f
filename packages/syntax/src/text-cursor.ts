import { type CharClass, isAlpha } from './char-class.ts';

/** The bit in which a lower-case ASCII letter differs from its upper-case one. */
const caseBit = 0x20;

/** A place in a text, with the few moves that a recursive-descent parser needs. Never throws, never backtracks by itself. */
export class TextCursor {
  readonly text: string;
  /** Offset of the next character, in UTF-16 units. May be set, to go back. */
  at: number;
  /** Where the text ends for this cursor. */
  readonly end: number;

  constructor(text: string, at: number = 0, end: number = text.length) {
    this.text = text;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** Code of the next character, or -1 at the end. */
  peek(): number {
    return this.at < this.end ? this.text.charCodeAt(this.at) : -1;
  }

  /** Goes past the given text if it comes next. */
  take(expected: string): boolean {
    if (this.at + expected.length > this.end || !this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  /** As `take`, without regard to the case of ASCII letters. */
  takeIgnoringCase(expected: string): boolean {
    if (this.at + expected.length > this.end) return false;
    for (let i = 0; i < expected.length; i++) {
      const have = this.text.charCodeAt(this.at + i);
      const want = expected.charCodeAt(i);
      if (have !== want && !(isAlpha(have) && (have ^ want) === caseBit)) return false;
    }
    this.at += expected.length;
    return true;
  }

  /** Takes characters as long as they are in the class; the empty string where none is. */
  takeWhile(isMember: CharClass): string {
    const start = this.at;
    while (this.at < this.end && isMember(this.text.charCodeAt(this.at))) this.at++;
    return this.text.slice(start, this.at);
  }

  /** Goes past characters of the class and says how many there were. */
  skipWhile(isMember: CharClass): number {
    const start = this.at;
    while (this.at < this.end && isMember(this.text.charCodeAt(this.at))) this.at++;
    return this.at - start;
  }

  /** All that is left, taken. */
  takeRest(): string {
    const rest = this.text.slice(this.at, this.end);
    this.at = this.end;
    return rest;
  }
}
