import { fromLatin1, toLatin1 } from '@mox/runtime';
import { bareBit, isAtomChar } from './chars.ts';
import { CommandCursor, decodeText, isAscii, type ParseOptions } from './command-cursor.ts';
import type { FetchValue } from './response.ts';
import type { SequenceRange } from './sequence-set.ts';

/** A place in a response of a server. Literals stand aside, in order: the text has their `{n}` and CRLF only. */
export class ResponseCursor extends CommandCursor {
  readonly #literals: readonly Uint8Array[];
  readonly #bytes: Uint8Array | undefined;
  #nextLiteral = 0;
  #depth = 0;
  /** Whether all but the literals is ASCII: strings need no decoding then. Found out when it is first asked. */
  #ascii: boolean | undefined;

  /** `bytes`: those of the text, where they are at hand. */
  constructor(
    text: string,
    options: ParseOptions,
    { literals, bytes }: { literals: readonly Uint8Array[]; bytes?: Uint8Array | undefined },
  ) {
    super(text, options);
    this.#literals = literals;
    this.#bytes = bytes;
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

  /** An astring; bytes of UTF-8 are let through without quotes, as some servers send names of mailboxes. */
  override astring(): string {
    const next = this.peek();
    return next === 34 || next === 123 ? this.string() : this.run(bareBit, 'an astring');
  }

  /** A quote inside a string that was not quoted itself, as Exchange sends file names: what closes a string has an end behind it. */
  protected override endsQuoted(at: number): boolean {
    const next = this.text.charCodeAt(at + 1);
    // A space, a parenthesis, a bracket, the end of a line or of all.
    return next === 32 || next === 41 || next === 40 || next === 93 || next === 13 || Number.isNaN(next);
  }

  /** A backslash before anything else stands for itself. */
  protected override escapes(at: number): boolean {
    const code = this.text.charCodeAt(at);
    return code === 34 || code === 92;
  }

  /** Goes past spaces: some servers send more than the syntax has. Whether there were any. */
  spaces(): boolean {
    const start = this.at;
    while (this.peek() === 32) this.at++;
    return this.at > start;
  }

  /** A size or a count. Servers that do not know it send NIL or a negative number: 0. */
  size(): number {
    if (this.takeNil()) return 0;
    const negative = this.take('-');
    const value = this.number64();
    return negative ? 0 : value;
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

  /**
   * Numbers with a space before each, as far as there are any: the many of a SEARCH. Read from bytes, which is faster than from
   * text, into an array of about the right size, since one that grows is copied again and again.
   */
  spacedNumbers(): number[] {
    const { text } = this;
    const bytes = this.#bytes ?? fromLatin1(text);
    const end = bytes.length;
    const width = end - text.lastIndexOf(' ') - 1;
    const numbers: number[] = new Array(Math.ceil((end - this.at) / Math.max(2, width)));
    let count = 0;
    let { at } = this;
    while (at + 1 < end && bytes[at] === 32) {
      const first = ++at;
      let value = 0;
      for (; at < end; at++) {
        const digit = (bytes[at] ?? 0) ^ 48;
        if (digit > 9) break;
        value = (Math.imul(value, 10) + digit) | 0;
      }
      if (at === first) {
        at--;
        break;
      }
      // What 32 bits may not hold is read anew.
      numbers[count++] = at - first > 9 ? this.#number32(first, at) : value;
    }
    this.at = at;
    numbers.length = count;
    return numbers;
  }

  #number32(start: number, end: number): number {
    const value = Number(this.text.slice(start, end));
    if (value <= 0xffff_ffff) return value;
    this.at = start;
    return this.fail('the number is too large');
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
    const flags: string[] = [];
    this.expect('(');
    this.spaces();
    while (!this.take(')')) {
      flags.push(this.responseFlag());
      this.spaces();
    }
    return flags;
  }

  /** Ranges of uids. */
  ranges(): readonly SequenceRange[] {
    const set = this.sequenceSet();
    return set.type === 'ranges' ? set.ranges : [];
  }

  /** A value of any shape. */
  value(): FetchValue {
    if (this.peek() !== 40) return this.peek() === 34 || this.peek() === 123 ? this.string8() : this.takeNil() ? null : this.responseFlag();
    const values: FetchValue[] = [];
    this.enter();
    this.spaces();
    while (this.peek() !== 41) {
      values.push(this.value());
      this.spaces();
    }
    this.leave();
    return values;
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
