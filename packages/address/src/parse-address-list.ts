import type { AddressList, HeaderGroup, HeaderMailbox } from './address-list.ts';
import { AddressScanner } from './address-scanner.ts';
import { findBareAddress, findBareAddresses, isSpecial, joinWords, pressWords, type Word } from './address-words.ts';
import { decodeName, makeMailbox } from './header-mailbox.ts';
import { readSimpleMailbox } from './simple-mailbox.ts';

/** Bounds of the parser. */
export interface AddressListLimits {
  /** Mailboxes and groups that are read; the rest is passed over. 10,000 unless said otherwise. */
  readonly entries?: number;
}

/** Words of one entry beyond this many are passed over: bounds the memory that an endless name takes. */
const wordLimit = 1000;

const comma = 0x2c;
const semicolon = 0x3b;
const colon = 0x3a;
const angle = 0x3c;
const angleEnd = 0x3e;
const at = 0x40;
const dot = 0x2e;
const quote = 0x22;
const apostrophe = 0x27;

class AddressListParser {
  readonly #scanner: AddressScanner;
  readonly #limit: number;
  readonly #entries: (HeaderMailbox | HeaderGroup)[] = [];
  #count = 0;
  /** The group that is being read: its name and members. */
  #group: { readonly rawName: string; readonly members: HeaderMailbox[] } | undefined;
  /** Words of the entry that is being read. Words of a name cut by a comma stay for the next entry. */
  #words: Word[] = [];
  /** How many of the words came before a comma. */
  #carried = 0;
  /** Whether there is an `@` among the words behind those. */
  #hasSign = false;

  constructor(text: string, limit: number) {
    this.#scanner = new AddressScanner(text);
    this.#limit = limit;
  }

  parse(): AddressList {
    const scanner = this.#scanner;
    while (!scanner.done && this.#count <= this.#limit) this.#step();
    this.#endEntry();
    this.#endCarried();
    if (this.#group) {
      if (!scanner.done || this.#count <= this.#limit) scanner.defect('missing-group-end');
      this.#endGroup();
    }
    return { entries: this.#entries, defects: scanner.defects };
  }

  /** Reads one word, one angle address or one separator. */
  #step(): void {
    const scanner = this.#scanner;
    const before = scanner.at;
    scanner.skipBlanks();
    const spaced = scanner.at > before;
    const code = scanner.peek();
    if (code < 0 || (this.#words.length === 0 && this.#simpleMailbox())) return;
    if (code === comma) this.#endMember();
    else if (code === semicolon) this.#semicolon();
    else if (code === angle) this.#angleAddress();
    else if (code === colon && this.#startGroup()) return;
    else {
      const word = this.#takeWord(spaced);
      if (this.#words.length >= wordLimit) return;
      this.#hasSign ||= isSpecial(word, '@');
      this.#words.push(word);
    }
  }

  /** Reads a whole entry by the short cut, and the comma behind it. */
  #simpleMailbox(): boolean {
    const scanner = this.#scanner;
    // A comment before it may be its name.
    const simple = scanner.comment === '' ? readSimpleMailbox(scanner.text, scanner.at) : undefined;
    if (!simple) return false;
    const { rawName, localpart, domain } = simple;
    // Of what makeMailbox takes off an address, atoms can have only this.
    if (localpart.charCodeAt(0) === apostrophe) this.#add(makeMailbox(rawName, null, simple));
    else this.#add({ type: 'mailbox', name: rawName === null ? '' : decodeName(rawName), rawName, route: null, localpart, domain });
    scanner.at = simple.end + 1;
    return true;
  }

  #takeWord(spaced: boolean): Word {
    const scanner = this.#scanner;
    const code = scanner.peek();
    if (code === quote) {
      const text = scanner.takeQuoted();
      // A quote that is never closed says nothing.
      if (text === undefined) scanner.at++;
      return { text: text ?? '', special: false, spaced };
    }
    if (code === at || code === dot || code === colon || code === angleEnd) {
      if (code === colon || code === angleEnd) scanner.defect('unquoted-special');
      scanner.at++;
      return { text: String.fromCharCode(code), special: true, spaced };
    }
    return { text: code === 0x5b ? this.#takeLiteral() : scanner.takeAtom(), special: false, spaced };
  }

  /** `[` … `]`, where it is an address literal behind `@`; otherwise an atom. */
  #takeLiteral(): string {
    const scanner = this.#scanner;
    const start = scanner.at;
    const end = isSpecial(this.#words.at(-1), '@') ? literalEnd(scanner.text, start) : -1;
    if (end < 0) return scanner.takeAtom();
    scanner.at = end;
    return scanner.text.slice(start, end).replace(/[ \t\r\n]/g, '');
  }

  /** A colon behind a phrase starts a group (RFC 5322 §3.4), unless one is open. */
  #startGroup(): boolean {
    const words = this.#words;
    const last = words.at(-1);
    if (last && last.text.length === 6 && last.text.toLowerCase() === 'mailto') {
      words[words.length - 1] = { ...last, text: '' };
      this.#scanner.at++;
      return true;
    }
    if (this.#group || words.length === this.#carried || this.#hasSign) return false;
    const rawName = joinWords(words, this.#carried, words.length);
    this.#endCarried();
    this.#scanner.at++;
    this.#scanner.comment = '';
    this.#group = { rawName, members: [] };
    this.#words = [];
    this.#count++;
    return true;
  }

  #semicolon(): void {
    this.#scanner.at++;
    this.#endEntry();
    this.#endCarried();
    this.#scanner.comment = '';
    if (this.#group) this.#endGroup();
    else this.#scanner.defect('unquoted-special', this.#scanner.at - 1);
  }

  #endGroup(): void {
    const group = this.#group;
    if (!group) return;
    this.#entries.push({ type: 'group', name: decodeName(group.rawName), ...group });
    this.#group = undefined;
  }

  /** At a comma: a phrase without an address may be the first half of a name that should have been quoted. It waits. */
  #endMember(): void {
    this.#scanner.at++;
    const words = this.#words;
    if (words.length > this.#carried && !this.#hasSign && words.length < 20) {
      words.push({ text: ',', special: true, spaced: false });
      this.#carried = words.length;
      return;
    }
    this.#endEntry();
    this.#endCarried();
    this.#scanner.comment = '';
  }

  /** Ends an entry without angle brackets. */
  #endEntry(): void {
    const scanner = this.#scanner;
    const words = this.#words.slice(this.#carried);
    if (words.length === 0) return;
    this.#words.length = this.#carried;
    this.#hasSign = false;
    this.#endCarried();
    const comment = this.#takeComment();
    const addresses = findBareAddresses(words);
    let end = 0;
    for (const [index, address] of addresses.entries()) {
      const isLast = index === addresses.length - 1;
      if (address.domain === null) scanner.defect('missing-domain');
      const name = joinWords(words, end, address.before);
      if (name !== '' || index > 0 || (isLast && address.end < words.length)) scanner.defect('unexpected-text');
      this.#add(makeMailbox(name === '' && isLast ? comment : name, null, address));
      end = address.end;
    }
  }

  /** Turns phrases that waited for a name behind a comma into mailboxes without a domain. */
  #endCarried(): void {
    const words = this.#words.slice(0, this.#carried);
    this.#words = this.#words.slice(this.#carried);
    this.#carried = 0;
    let start = 0;
    for (const [i, word] of words.entries()) {
      if (!isSpecial(word, ',')) continue;
      this.#scanner.defect('missing-domain');
      this.#add(makeMailbox(null, null, { localpart: joinWords(words, start, i), domain: null }));
      start = i + 1;
    }
  }

  /** The comment behind an address is its name in the way of RFC 822. */
  #takeComment(): string | null {
    const comment = this.#scanner.comment.replace(/\\(.)/gs, '$1').trim();
    this.#scanner.comment = '';
    return comment === '' ? null : comment;
  }

  /** angle-addr with what comes before it as its name (RFC 5322 §3.4, §4.4 obs-angle-addr). */
  #angleAddress(): void {
    const scanner = this.#scanner;
    if (this.#carried > 0 && this.#words.length === this.#carried) this.#endCarried();
    const rawName = joinWords(this.#words, 0, this.#words.length);
    if (this.#words.some((word) => word.special && word.text !== '.')) scanner.defect('unquoted-special');
    this.#words = [];
    this.#carried = 0;
    this.#hasSign = false;
    const before = this.#takeComment();
    const start = scanner.at++;
    const { words, closed } = this.#angleWords();
    if (!closed) scanner.defect('missing-angle-end', start);
    const routeEnd = isSpecial(words[0], '@') ? words.findIndex((word) => isSpecial(word, ':')) : -1;
    const route = routeEnd > 0 ? pressWords(words, 0, routeEnd) : null;
    const spec = routeEnd > 0 ? words.slice(routeEnd + 1) : words;
    const address = findBareAddress(spec);
    if (address.before > 0 || address.end < spec.length) scanner.defect('unexpected-text', start);
    if (address.domain === null) scanner.defect(address.localpart === '' ? 'missing-address' : 'missing-domain', start);
    scanner.comment = '';
    scanner.skipBlanks();
    const comment = this.#takeComment() ?? before;
    this.#add(makeMailbox(rawName === '' ? comment : rawName, route, address));
    this.#words = this.#wordsBehind();
  }

  /** Words up to `>`, or up to what ends the entry where that is missing. */
  #angleWords(): { readonly words: readonly Word[]; readonly closed: boolean } {
    const scanner = this.#scanner;
    const outer = this.#words;
    const words: Word[] = [];
    this.#words = words;
    let closed = false;
    let routed = false;
    for (;;) {
      const before = scanner.at;
      scanner.skipBlanks();
      const code = scanner.peek();
      if (code === angleEnd) {
        closed = true;
        scanner.at++;
        // `<<a@b>>`
        while (scanner.peek() === angleEnd) scanner.at++;
      }
      const inRoute = code === comma && isSpecial(words[0], '@') && !routed;
      if (closed || code < 0 || code === semicolon || (code === comma && !inRoute)) break;
      if (code === angle) scanner.at++;
      else if (code === comma || code === colon) {
        words.push({ text: String.fromCharCode(code), special: true, spaced: false });
        routed ||= code === colon;
        scanner.at++;
      } else {
        const word = this.#takeWord(scanner.at > before);
        if (words.length < wordLimit) words.push(word);
      }
    }
    this.#words = outer;
    return { words, closed };
  }

  /**
   * What stands between `>` and the next separator, where it is not to be passed over: where the comma is missing, it is the name of
   * the next address, or that address.
   */
  #wordsBehind(): Word[] {
    const scanner = this.#scanner;
    const words: Word[] = [];
    for (;;) {
      const from = scanner.at;
      scanner.skipBlanks();
      const code = scanner.peek();
      if (code < 0 || code === semicolon || code === comma || code === angle) {
        if (words.length > 0) scanner.defect('unexpected-text');
        this.#hasSign = words.some((word) => isSpecial(word, '@'));
        return code === angle || this.#hasSign ? words : [];
      }
      const word = this.#takeWord(scanner.at > from);
      if (words.length < wordLimit) words.push(word);
    }
  }

  #add(mailbox: HeaderMailbox): void {
    if (++this.#count > this.#limit) {
      if (this.#count === this.#limit + 1) this.#scanner.defect('too-many-addresses');
      return;
    }
    if (this.#group) this.#group.members.push(mailbox);
    else this.#entries.push(mailbox);
  }
}

/** Offset behind the `]` of an address literal, or -1. Bounded: no literal is that long. */
function literalEnd(text: string, start: number): number {
  for (let i = start + 1; i < Math.min(text.length, start + 300); i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5d) return i + 1;
    if (code === 0x5b || code === angleEnd) return -1;
  }
  return -1;
}

/**
 * Reads the addresses of a header field's value, folded or not (RFC 5322 §3.4, obsolete forms §4.4, groups also where RFC 6854 §2
 * brings them, characters beyond ASCII by RFC 6532 §3.2). Whatever the text, there is a list: what was wrong is in `defects`.
 * Time is linear in the text.
 */
export function parseAddressList(text: string, limits: AddressListLimits = {}): AddressList {
  return new AddressListParser(text, limits.entries ?? 10_000).parse();
}
