import { type CharClass, charClass } from '@mox/syntax';
import type { AddressListDefect, AddressListDefectCode } from './address-list.ts';

/** Characters that end an atom; all others, also those that RFC 5322 §3.2.3 does not allow, are taken as part of one. */
const endsAtom: CharClass = /* @__PURE__ */ charClass(' \t\r\n()<>@,;:."');
const isBlank: CharClass = /* @__PURE__ */ charClass(' \t\r\n');

/** Defects beyond this many are not noted. */
const defectLimit = 100;

/** A cursor over the text of a header field that knows comments, quoted strings and atoms, in any state of repair. Linear. */
export class AddressScanner {
  readonly text: string;
  at = 0;
  readonly defects: AddressListDefect[] = [];
  /** Text of the comments that were gone past since this was last emptied. */
  comment = '';
  /** From here on no quoted string, no comment ends: it is not looked for again. */
  #openQuotesFrom: number = Infinity;
  #openCommentsFrom: number = Infinity;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** Code of the next character, or -1 at the end. */
  peek(): number {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  defect(code: AddressListDefectCode, offset: number = this.at): void {
    if (this.defects.length < defectLimit) this.defects.push({ code, offset });
  }

  /** Goes past white space and comments (RFC 5322 §3.2.2 CFWS). */
  skipBlanks(): void {
    for (;;) {
      const code = this.peek();
      if (code >= 0 && code < 256 && isBlank(code)) this.at++;
      else if (code !== 0x28 || !this.#skipComment()) return;
    }
  }

  /** Goes past a comment; false where it has no end: then its `(` is a character like others. */
  #skipComment(): boolean {
    if (this.at >= this.#openCommentsFrom) return false;
    let depth = 0;
    for (let i = this.at; i < this.text.length; i++) {
      const code = this.text.charCodeAt(i);
      if (code === 0x5c) i++;
      else if (code === 0x28) depth++;
      else if (code === 0x29 && --depth === 0) {
        this.comment = this.text.slice(this.at + 1, i);
        this.at = i + 1;
        return true;
      }
    }
    this.defect('missing-comment-end');
    this.#openCommentsFrom = this.at;
    return false;
  }

  /** Offset of the quote that ends the quoted string at the cursor, or -1. */
  #quotedEnd(): number {
    if (this.at >= this.#openQuotesFrom) return -1;
    for (let i = this.at + 1; i < this.text.length; i++) {
      const code = this.text.charCodeAt(i);
      if (code === 0x5c) i++;
      else if (code === 0x22) return i;
    }
    this.defect('missing-quote');
    this.#openQuotesFrom = this.at;
    return -1;
  }

  /** Goes past a quoted string, or past the quotes alone where none of them has an end. */
  skipQuoted(): void {
    const end = this.#quotedEnd();
    if (end >= 0) this.at = end + 1;
    else while (this.peek() === 0x22) this.at++;
  }

  /** The content of a quoted string (RFC 5322 §3.2.4), unquoted and unfolded. A quote that is never closed says nothing. */
  takeQuoted(): string {
    const start = this.at + 1;
    const end = this.#quotedEnd();
    if (end < 0) {
      this.skipQuoted();
      return '';
    }
    this.at = end + 1;
    const content = this.text.slice(start, end);
    const unfolded = content.includes('\n') ? content.replace(/\r?\n/g, '') : content;
    return unfolded.includes('\\') ? unfolded.replace(/\\(.)/gs, '$1') : unfolded;
  }

  /** Goes past an atom, of whatever characters, one at least. */
  skipAtom(): void {
    for (this.at++; this.at < this.text.length; this.at++) {
      const code = this.text.charCodeAt(this.at);
      if (code < 256 && endsAtom(code) && !(code === 0x28 && this.at >= this.#openCommentsFrom)) return;
    }
  }

  /** Takes an atom, of whatever characters, one at least. */
  takeAtom(): string {
    const start = this.at;
    this.skipAtom();
    return this.text.slice(start, this.at);
  }
}
