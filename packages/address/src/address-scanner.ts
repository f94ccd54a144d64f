import { type CharClass, charClass } from '@mox/syntax';
import type { AddressListDefect, AddressListDefectCode } from './address-list.ts';

/** Characters that end an atom; all others, also those that RFC 5322 §3.2.3 does not allow, are taken as part of one. */
const endsAtom: CharClass = charClass(' \t\r\n()<>@,;:."');
const isBlank: CharClass = charClass(' \t\r\n');

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

  /** The content of a quoted string (RFC 5322 §3.2.4), unquoted and unfolded; undefined where it has no end. */
  takeQuoted(): string | undefined {
    if (this.at >= this.#openQuotesFrom) return undefined;
    const start = this.at + 1;
    let escaped = false;
    for (let i = start; i < this.text.length; i++) {
      const code = this.text.charCodeAt(i);
      if (code === 0x5c) {
        escaped = true;
        i++;
      } else if (code === 0x22) {
        this.at = i + 1;
        const content = this.text.slice(start, i).replace(/\r?\n/g, '');
        return escaped ? content.replace(/\\(.)/gs, '$1') : content;
      }
    }
    this.defect('missing-quote');
    this.#openQuotesFrom = this.at;
    return undefined;
  }

  /** Takes an atom, of whatever characters, one at least. */
  takeAtom(): string {
    const start = this.at++;
    while (this.at < this.text.length) {
      const code = this.text.charCodeAt(this.at);
      if (code < 256 && endsAtom(code)) break;
      this.at++;
    }
    return this.text.slice(start, this.at);
  }
}
