import { fromLatin1, fromUtf8, toLatin1, toUtf8Strict } from '@mox/runtime';
import type { CharClass } from '@mox/syntax';
import { astringBit, atomBit, classBits, isAtomChar, isListChar, itemBit, lowerBit } from './chars.ts';
import { parseDateText, parseDateTime } from './date-time.ts';
import { normalizeFlag, recentFlag } from './flag.ts';
import { decodeMailboxName } from './mailbox-name.ts';
import { largest, type SequenceRange, type SequenceSet } from './sequence-set.ts';

/** Why a command was not understood: what its tagged reply says. Thrown inside the parser, caught by `parseCommand`. */
export class CommandProblem extends Error {
  override readonly name: string = 'CommandProblem';
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** What a parser must know of its session. */
export interface ParseOptions {
  /** Whether strings and mailbox names are UTF-8: after ENABLE IMAP4rev2 or UTF8=ACCEPT (RFC 9051 §5.1, RFC 6855 §3). */
  readonly utf8: boolean;
  /** Parentheses inside each other. */
  readonly nesting: number;
}

const maximum32 = 0xffff_ffff;

/**
 * A place in a command, with the terminals of RFC 9051 §9 as moves. The text has one character for each byte and
 * literals in place, behind their `{n}` and CRLF. Every move throws `CommandProblem` where its terminal is missing.
 */
export class CommandCursor {
  readonly text: string;
  readonly options: ParseOptions;
  at: number;

  constructor(text: string, options: ParseOptions, at: number = 0) {
    this.text = text;
    this.options = options;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** Code of the next character, -1 at the end. */
  peek(): number {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  fail(message: string): never {
    throw new CommandProblem(this.at, message);
  }

  /** Goes past one character if it comes next. */
  take(character: string): boolean {
    if (this.text.charCodeAt(this.at) !== character.charCodeAt(0)) return false;
    this.at++;
    return true;
  }

  expect(character: string): void {
    if (!this.take(character)) this.fail(character === ' ' ? 'a space is missing' : `"${character}" is missing`);
  }

  space(): void {
    this.expect(' ');
  }

  end(): void {
    if (!this.done) this.fail('there is more than the command takes');
  }

  /** Characters of a class, at least one. */
  some(isMember: CharClass, what: string): string {
    const start = this.at;
    while (this.at < this.text.length && isMember(this.text.charCodeAt(this.at))) this.at++;
    if (this.at === start) this.fail(`${what} is missing`);
    return this.text.slice(start, this.at);
  }

  /** Bytes of a class, at least one; in upper case where that is wanted. */
  protected run(bit: number, what: string, form: 'as-it-is' | 'upper-case' = 'as-it-is'): string {
    const { text, at: start } = this;
    let end = start;
    let seen = 0;
    for (; end < text.length; end++) {
      const bits = classBits[text.charCodeAt(end)] ?? 0;
      if ((bits & bit) === 0) break;
      seen |= bits;
    }
    if (end === start) this.fail(`${what} is missing`);
    this.at = end;
    const run = text.slice(start, end);
    return form === 'upper-case' && (seen & lowerBit) !== 0 ? run.toUpperCase() : run;
  }

  atom(): string {
    return this.run(atomBit, 'an atom');
  }

  /** An atom in upper case: names of commands, items and options. */
  keyword(): string {
    return this.run(atomBit, 'an atom', 'upper-case');
  }

  /** Letters, digits, `.`, `-` and `=` in upper case: item names that a `[` or `<` may follow. */
  itemName(): string {
    return this.run(itemBit, 'a name', 'upper-case');
  }

  /** Goes past a keyword if it comes next, in any case of its letters. */
  takeKeyword(word: string): boolean {
    if ((this.peek() | 32) !== (word.charCodeAt(0) | 32)) return false;
    const end = this.at + word.length;
    if (this.text.slice(this.at, end).toUpperCase() !== word) return false;
    if (end < this.text.length && isAtomChar(this.text.charCodeAt(end))) return false;
    this.at = end;
    return true;
  }

  #digits(): number {
    const start = this.at;
    let value = 0;
    for (; this.at < this.text.length; this.at++) {
      const digit = this.text.charCodeAt(this.at) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (this.at === start) this.fail('a number is missing');
    return value;
  }

  /** number: 32 bits. */
  number(): number {
    const value = this.#digits();
    if (value > maximum32) this.fail('the number is too large');
    return value;
  }

  /** nz-number: 32 bits, not zero. */
  nzNumber(): number {
    const value = this.number();
    if (value === 0) this.fail('zero is not allowed here');
    return value;
  }

  /** number64. What is beyond 2^53-1 becomes that: no size, offset or mod-sequence of ours is larger. */
  number64(): number {
    return Math.min(this.#digits(), Number.MAX_SAFE_INTEGER);
  }

  /** string: quoted or literal, as bytes. */
  string(): string {
    const next = this.peek();
    if (next === 34) return this.#quoted();
    if (next === 123) return this.literal();
    return this.fail('a string is missing');
  }

  /** astring, as bytes. */
  astring(): string {
    const next = this.peek();
    return next === 34 || next === 123 ? this.string() : this.run(astringBit, 'an astring');
  }

  /** nstring, as bytes; null for NIL. */
  nstring(): string | null {
    return this.takeKeyword('NIL') ? null : this.string();
  }

  /** astring as text: UTF-8 where it is that, one character for each byte otherwise. */
  textAstring(): string {
    return decodeText(this.astring());
  }

  #quoted(): string {
    const start = ++this.at;
    const { text } = this;
    for (let at = start; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 34 && this.endsQuoted(at)) {
        this.at = at + 1;
        return text.slice(start, at);
      }
      if (code === 92) return this.#escapedQuoted();
      if (code === 13) break;
    }
    return this.fail('a quoted string has no end');
  }

  /** Whether the quote at a place closes its string. */
  protected endsQuoted(_at: number): boolean {
    return true;
  }

  /** Whether what stands behind a backslash is quoted by it. */
  protected escapes(at: number): boolean {
    const code = this.text.charCodeAt(at);
    if (code === 34 || code === 92) return true;
    this.at = at;
    return this.fail('a backslash may quote only a quote or a backslash');
  }

  #escapedQuoted(): string {
    let value = '';
    for (let from = this.at; ; ) {
      const code = this.peek();
      if (code === 34 && this.endsQuoted(this.at)) {
        value += this.text.slice(from, this.at++);
        return value;
      }
      if (code === 92 && this.escapes(this.at + 1)) {
        value += this.text.slice(from, this.at);
        from = ++this.at;
      }
      if (code === -1 || code === 13) this.fail('a quoted string has no end');
      this.at++;
    }
  }

  /** What stands behind the brace of a literal, as bytes. */
  protected literal(): string {
    this.at++;
    const size = this.number64();
    this.take('+');
    this.expect('}');
    if (!this.text.startsWith('\r\n', this.at)) this.fail('a literal must end its line');
    const start = this.at + 2;
    if (start + size > this.text.length) this.fail('a literal is cut short');
    this.at = start + size;
    const value = this.text.slice(start, this.at);
    if (value.includes('\0')) this.fail('NUL is not allowed in a literal');
    return value;
  }

  /** mailbox, as Unicode text; INBOX in upper case (RFC 9051 §5.1). */
  mailbox(): string {
    return this.#mailboxName(this.astring());
  }

  /** list-mailbox: a mailbox name that may hold wildcards. */
  listMailbox(): string {
    const next = this.peek();
    return this.#mailboxName(next === 34 || next === 123 ? this.string() : this.some(isListChar, 'a mailbox pattern'));
  }

  /** RFC 6855 §3, RFC 9051 §4.3: what is in quotes is UTF-8 once that was agreed on. */
  #mailboxName(bytes: string): string {
    if (this.options.utf8 && decodeUtf8(bytes) === undefined) this.fail('the name of a mailbox is not UTF-8');
    return decodeMailboxName(bytes, this.options);
  }

  /** flag, `\Recent` among them. */
  flag(): string {
    const start = this.at;
    const system = this.take('\\');
    const flag = normalizeFlag((system ? '\\' : '') + this.atom());
    if (flag !== undefined) return flag;
    this.at = start;
    return this.fail('this is no flag that a client may set');
  }

  /** flag-list. `\Recent`, which some clients copy from what they fetched, is passed over. */
  flagList(): readonly string[] {
    return this.list(() => this.flag(), { empty: true }).filter((flag) => flag !== recentFlag);
  }

  /** A list in parentheses, items a space apart. */
  list<T>(item: () => T, options: { readonly empty?: boolean } = {}): readonly T[] {
    this.expect('(');
    if (options.empty && this.take(')')) return [];
    const items = [item()];
    while (this.take(' ')) items.push(item());
    this.expect(')');
    return items;
  }

  /** sequence-set. */
  sequenceSet(): SequenceSet {
    if (this.take('$')) return { type: 'saved' };
    const ranges: SequenceRange[] = [];
    do {
      const from = this.#sequenceNumber();
      ranges.push([from, this.take(':') ? this.#sequenceNumber() : from]);
    } while (this.take(','));
    return { type: 'ranges', ranges };
  }

  #sequenceNumber(): number {
    return this.take('*') ? largest : this.nzNumber();
  }

  /** date, as its midnight in UTC. */
  date(): number {
    const quoted = this.peek() === 34;
    const value = parseDateText(quoted ? this.#quoted() : this.atom());
    return value ?? this.fail('the date is not valid');
  }

  /** date-time, in milliseconds. */
  dateTime(): number {
    return parseDateTime(this.#quoted()) ?? this.fail('the date and time are not valid');
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const beyondAscii = /[^\x00-\x7f]/;

/** Whether a text is ASCII: then its bytes, its UTF-8 and its characters are the same. */
export function isAscii(text: string): boolean {
  return !beyondAscii.test(text);
}

/** Bytes, one a character, as the text they most likely are. */
export function decodeText(bytes: string): string {
  return isAscii(bytes) ? bytes : (toUtf8Strict(fromLatin1(bytes)) ?? bytes);
}

/** Bytes, one a character, as text; undefined where they are not UTF-8. */
export function decodeUtf8(bytes: string): string | undefined {
  return isAscii(bytes) ? bytes : toUtf8Strict(fromLatin1(bytes));
}

/** Text as its UTF-8 bytes, one a character. */
export function encodeText(text: string): string {
  return isAscii(text) ? text : toLatin1(fromUtf8(text));
}
