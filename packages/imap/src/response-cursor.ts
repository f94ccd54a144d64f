import { fromLatin1, toLatin1 } from '@mox/runtime';
import { isAtomChar } from './chars.ts';
import { CommandCursor, decodeText, isAscii, type ParseOptions } from './command-cursor.ts';
import type { SequenceRange } from './sequence-set.ts';

/** A place in a response of a server. Literals stand aside, in order: the text has their `{n}` and CRLF only. */
export class ResponseCursor extends CommandCursor {
  readonly #literals: readonly Uint8Array[];
  #nextLiteral = 0;
  #depth = 0;
  /** Whether all but the literals is ASCII: strings need no decoding then. Found out when it is first asked. */
  #ascii: boolean | undefined;

  constructor(text: string, literals: readonly Uint8Array[], options: ParseOptions) {
    super(text, options);
    this.#literals = literals;
  }

  protected override literal(): string {
    return toLatin1(this.#literalBytes());
  }

  #literalBytes(): Uint8Array {
    const end = this.text.indexOf('\n', this.at);
    const literal = this.#literals[this.#nextLiteral++];
    if (end < 0 || !literal) return this.fail('a literal is missing');
    this.at = end + 1;
    return literal;
  }

  /** An opening parenthesis of something that may hold more of its kind. */
  enter(): void {
    this.expect('(');
    if (++this.#depth > this.options.nesting) this.fail('the response is nested too deeply');
  }

  /** The parenthesis that closes what `enter` opened. */
  leave(): void {
    this.expect(')');
    this.#depth--;
  }

  takeNil(): boolean {
    const { text, at } = this;
    if ((text.charCodeAt(at) | 32) !== 110 || (text.charCodeAt(at + 1) | 32) !== 105 || (text.charCodeAt(at + 2) | 32) !== 108)
      return false;
    if (at + 3 < text.length && isAtomChar(text.charCodeAt(at + 3))) return false;
    this.at = at + 3;
    return true;
  }

  /** nstring as text. An atom is let through: some servers leave the quotes off. */
  ntext(): string | null {
    const next = this.peek();
    if (next === 34) return this.#decode(this.string());
    if (next === 123) return decodeText(this.string());
    return this.takeNil() ? null : this.#decode(this.astring());
  }

  /** A string as text. */
  string8(): string {
    return this.peek() === 123 ? decodeText(this.string()) : this.#decode(this.astring());
  }

  #decode(bytes: string): string {
    this.#ascii ??= isAscii(this.text);
    return this.#ascii ? bytes : decodeText(bytes);
  }

  /** Numbers with a space before each, as far as there are any: the many of a SEARCH. Read from bytes, which is faster than from text. */
  spacedNumbers(): number[] {
    const { text, at: start } = this;
    const bytes = fromLatin1(text);
    const numbers: number[] = [];
    let at = start;
    while (at + 1 < bytes.length && bytes[at] === 32) {
      const first = at + 1;
      let value = 0;
      // In 32 bits; a number that may not fit is read anew.
      for (at = first; at < bytes.length; at++) {
        const code = bytes[at] ?? 0;
        if (code < 48 || code > 57) break;
        value = (value * 10 + code - 48) | 0;
      }
      if (at === first) {
        at--;
        break;
      }
      numbers.push(at - first < 10 ? value : Number(text.slice(first, at)));
    }
    this.at = at;
    return numbers;
  }

  /** nstring or literal8 as bytes. */
  nbytes(): Uint8Array | null {
    if (this.takeNil()) return null;
    if (this.peek() === 126) this.at++;
    return this.peek() === 123 ? this.#literalBytes() : fromLatin1(this.string());
  }

  /** A flag or a mailbox attribute: whatever stands before a space or a parenthesis. */
  responseFlag(): string {
    const start = this.at;
    for (; this.at < this.text.length; this.at++) {
      const code = this.text.charCodeAt(this.at);
      if (code === 32 || code === 41) break;
    }
    if (this.at === start) this.fail('a flag is missing');
    return this.text.slice(start, this.at);
  }

  /** A list of flags. */
  responseFlags(): readonly string[] {
    return this.list(() => this.responseFlag(), { empty: true });
  }

  /** Ranges of uids. */
  ranges(): readonly SequenceRange[] {
    const set = this.sequenceSet();
    return set.type === 'ranges' ? set.ranges : [];
  }

  /** Goes past a value of any shape. */
  skipValue(): void {
    if (this.peek() !== 40) {
      if (this.peek() === 34 || this.peek() === 123) this.string();
      else this.responseFlag();
      return;
    }
    this.enter();
    while (this.peek() !== 41) {
      this.skipValue();
      if (!this.take(' ')) break;
    }
    this.leave();
  }
}
