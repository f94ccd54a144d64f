import type { AddressList, HeaderGroup, HeaderMailbox } from './address-list.ts';
import { AddressScanner } from './address-scanner.ts';
import { type BareAddress, findBareAddresses, hasSign, isSpecial, joinNameBehind, joinWords, type Word } from './address-words.ts';
import { takeAngleAddress } from './angle-address.ts';
import { decodeName, keepName, unwrapAddress } from './header-mailbox.ts';
import { readSimpleMailbox } from './simple-mailbox.ts';
import { pushSpecial, takeWord, takeWordsBehind } from './take-words.ts';

/** How to read addresses of messages. */
export interface ParseAddressListOptions {
  /** Mailboxes and groups that are read; the rest is passed over. 10,000 unless said otherwise. */
  readonly entries?: number;
}

/** Makes a display name to show out of one as it stood. */
type DisplayName = (rawName: string | null) => string;

const comma = 0x2c;
const semicolon = 0x3b;
const colon = 0x3a;
const angle = 0x3c;
const at = 0x40;
const apostrophe = 0x27;

class AddressListParser {
  readonly #scanner: AddressScanner;
  readonly #limit: number;
  readonly #displayName: DisplayName;
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

  constructor(text: string, options: ParseAddressListOptions, displayName: DisplayName) {
    this.#scanner = new AddressScanner(text);
    this.#limit = options.entries ?? 10_000;
    this.#displayName = displayName;
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
      const count = this.#words.length;
      takeWord(scanner, this.#words, spaced);
      if (code === at && this.#words.length > count) this.#hasSign = true;
    }
  }

  /** Reads a whole entry by the short cut, and the comma behind it. */
  #simpleMailbox(): boolean {
    const scanner = this.#scanner;
    // A comment before it may be its name.
    const simple = scanner.comment === '' ? readSimpleMailbox(scanner.text, scanner.at) : undefined;
    if (!simple) return false;
    const { rawName, localpart, domain } = simple;
    // Of what is taken off an address, atoms can have only this.
    if (localpart.charCodeAt(0) === apostrophe) this.#addMailbox(rawName, null, simple);
    else this.#add({ type: 'mailbox', name: this.#displayName(rawName), rawName, route: null, localpart, domain });
    scanner.at = simple.end + 1;
    return true;
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
    const { rawName, members } = group;
    this.#entries.push({ type: 'group', name: this.#displayName(rawName), rawName, members });
    this.#group = undefined;
  }

  /** At a comma: a phrase without an address may be the first half of a name that should have been quoted. It waits. */
  #endMember(): void {
    this.#scanner.at++;
    const words = this.#words;
    if (words.length > this.#carried && !this.#hasSign && words.length < 20) {
      pushSpecial(words, comma, false);
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
    if (this.#words.length === this.#carried) return;
    const words = this.#carried === 0 ? this.#words : this.#words.slice(this.#carried);
    this.#endCarried();
    this.#words = [];
    this.#hasSign = false;
    const comment = this.#takeComment();
    const addresses = findBareAddresses(words);
    let end = 0;
    for (const address of addresses) {
      const isLast = address === addresses.at(-1);
      if (address.domain === null) scanner.defect('missing-domain');
      const name = joinWords(words, end, address.before);
      if (name !== '' || end > 0 || (isLast && address.end < words.length)) scanner.defect('unexpected-text');
      this.#addMailbox(name === '' && isLast ? joinNameBehind(words, address.end) || comment : name, null, address);
      end = address.end;
    }
  }

  /** Turns phrases that waited for a name behind a comma into mailboxes without a domain. */
  #endCarried(): void {
    if (this.#carried === 0) return;
    const words = this.#words.slice(0, this.#carried);
    this.#words = this.#words.slice(this.#carried);
    this.#carried = 0;
    let start = 0;
    for (const [i, word] of words.entries()) {
      if (!isSpecial(word, ',')) continue;
      this.#scanner.defect('missing-domain');
      this.#addMailbox(null, null, { localpart: joinWords(words, start, i), domain: null });
      start = i + 1;
    }
  }

  /** The comment behind an address is its name in the way of RFC 822. */
  #takeComment(): string | null {
    const { comment } = this.#scanner;
    if (comment === '') return null;
    this.#scanner.comment = '';
    const name = (comment.includes('\\') ? comment.replace(/\\(.)/gs, '$1') : comment).trim();
    return name === '' ? null : name;
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
    const address = takeAngleAddress(scanner);
    scanner.comment = '';
    scanner.skipBlanks();
    const comment = this.#takeComment() ?? before;
    const behind = takeWordsBehind(scanner);
    // What belongs to no other address is the name of one that has none: `<a@b.example> Jane`.
    const nameBehind = rawName !== '' || behind.startNext ? '' : joinNameBehind(behind.words, 0);
    this.#addMailbox(rawName || nameBehind || comment, address.route, address);
    this.#words = behind.startNext ? behind.words : [];
    this.#hasSign = hasSign(this.#words);
  }

  #addMailbox(rawName: string | null, route: string | null, address: Pick<BareAddress, 'localpart' | 'domain'>): void {
    const { localpart, domain } = unwrapAddress(address);
    const name = rawName === '' ? null : rawName;
    this.#add({ type: 'mailbox', name: this.#displayName(name), rawName: name, route, localpart, domain });
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

/**
 * Reads the addresses of a header field's value, folded or not (RFC 5322 §3.4, obsolete forms §4.4, groups also where RFC 6854 §2
 * brings them, characters beyond ASCII by RFC 6532 §3.2). Whatever the text, there is a list: what was wrong is in `defects`.
 * Time is linear in the text.
 */
export function parseAddressList(text: string, options: ParseAddressListOptions = {}): AddressList {
  return new AddressListParser(text, options, decodeName).parse();
}

/**
 * As `parseAddressList`, with encoded words left as they are: `name` is what `rawName` is. For who wants addresses and no names: a bundle
 * needs no tables of charsets for it.
 */
export function parseRawAddressList(text: string, options: ParseAddressListOptions = {}): AddressList {
  return new AddressListParser(text, options, keepName).parse();
}
