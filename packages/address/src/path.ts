import { type Domain, parseDomain } from '@mox/idna';
import { formatIp, ok, parseError, parseIp, type Result, TextCursor } from '@mox/syntax';
import { type Address, type AddressLiteral, isAtomText } from './address.ts';

/** What a parser of addresses lets through. */
export interface ParseAddressOptions {
  /** Characters beyond ASCII, in localpart and domain (RFC 6531 §3.3). */
  readonly smtputf8?: boolean;
  /** Dots at the edges of a localpart or side by side, and underscores in a domain: against the grammar, in use here and there. */
  readonly lenient?: boolean;
  /** Longest localpart in octets, 64 unless said otherwise (RFC 5321 §4.5.3.1.1). */
  readonly localpartLimit?: number;
}

/** What a parser of forward-paths lets through. */
export interface ParsePathOptions extends ParseAddressOptions {
  /** The domain of `<Postmaster>` without one (RFC 5321 §4.1.1.3). Without it such a path is an error. */
  readonly postmaster?: Domain | AddressLiteral;
}

const localpartOctets = 64;
/** Longest path in octets, with its brackets (RFC 5321 §4.5.3.1.3). A source route, which is dropped, does not count. */
const pathOctets = 256;

/** Octets of a piece of text in UTF-8, without encoding it. */
function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) length += code >= 0x800 && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return length;
}

/** Whether a character may stand in a text by RFC 6531 §3.3; controls of Latin-1 and lone surrogates may not. */
function isUtf8Text(code: number): boolean {
  return code >= 0xa0;
}

function readQuoted(cursor: TextCursor, smtputf8: boolean): Result<string> {
  const start = cursor.at;
  let text = '';
  for (cursor.at++; !cursor.done; cursor.at++) {
    let code = cursor.peek();
    if (code === 0x22) {
      cursor.at++;
      return ok(text);
    }
    if (code === 0x5c) {
      cursor.at++;
      code = cursor.peek();
      if (code < 0x20 || code > 0x7e) return parseError(cursor.at, 'a backslash before what cannot be quoted');
    } else if (code < 0x20 || (code > 0x7e && !(smtputf8 && isUtf8Text(code)))) {
      return parseError(cursor.at, 'a character that a quoted localpart must not have');
    }
    text += String.fromCharCode(code);
  }
  return parseError(start, 'a quoted localpart without its end');
}

/** Said where a character is let through with the option alone (RFC 6531 §3.3). */
const needsOption = 'a character that is not ASCII, which needs the option smtputf8';

function readDotString(cursor: TextCursor, options: ParseAddressOptions): Result<string> {
  const start = cursor.at;
  let atomStart = start;
  for (; !cursor.done; cursor.at++) {
    const code = cursor.peek();
    if (code === 0x2e) {
      if (cursor.at === atomStart && !options.lenient) return parseError(cursor.at, 'a dot without a word before it');
      atomStart = cursor.at + 1;
    } else if (!(code < 0x80 ? isAtomText(code) : options.smtputf8 && isUtf8Text(code))) break;
  }
  if (cursor.at === start) return parseError(start, !options.smtputf8 && cursor.peek() > 0x7f ? needsOption : 'a localpart was expected');
  if (cursor.at === atomStart && !options.lenient) return parseError(cursor.at - 1, 'a dot without a word behind it');
  return ok(cursor.text.slice(start, cursor.at));
}

function readLocalpart(cursor: TextCursor, options: ParseAddressOptions): Result<string> {
  const start = cursor.at;
  const localpart = cursor.peek() === 0x22 ? readQuoted(cursor, options.smtputf8 === true) : readDotString(cursor, options);
  if (!localpart.ok) return localpart;
  if (utf8Length(localpart.value) > (options.localpartLimit ?? localpartOctets)) return parseError(start, 'a localpart that is too long');
  if (!localpart.value.isWellFormed()) return parseError(start, 'a localpart that is not well-formed Unicode');
  return localpart;
}

/** address-literal (RFC 5321 §4.1.3). General-address-literal has no registered tag but IPv6. */
function readLiteral(cursor: TextCursor): Result<AddressLiteral> {
  const start = cursor.at;
  const end = cursor.text.indexOf(']', start);
  // 40 characters hold `IPv6:` and most addresses; 60 hold the longest.
  if (end < 0 || end > start + 60 || end >= cursor.end) return parseError(start, 'an address literal without its end');
  const text = cursor.text.slice(start + 1, end);
  const tagged = /^ipv6:/i.test(text);
  // A Snum is decimal, with zeros in front or without.
  const ip = parseIp(tagged ? text.slice(5) : text.replace(/(?<![0-9])0{1,2}(?=[0-9])/g, ''));
  if (!ip || (ip.version === 6) !== tagged) return parseError(start + 1, 'an address literal that is no IP address');
  cursor.at = end + 1;
  return ok({ literal: tagged ? `IPv6:${formatIp(ip)}` : formatIp(ip) });
}

/** Ends of a domain inside a path or a list. */
function isDomainEnd(code: number): boolean {
  return code <= 0x20 || code === 0x3e || code === 0x2c || code === 0x3a || code === 0x7f;
}

function readDomainName(cursor: TextCursor, options: ParseAddressOptions): Result<Domain> {
  const start = cursor.at;
  while (!cursor.done && !isDomainEnd(cursor.peek())) cursor.at++;
  const text = cursor.text.slice(start, cursor.at);
  if (!options.smtputf8 && /[^\0-\x7f]/.test(text)) return parseError(start, 'a domain that is not ASCII, which needs the option smtputf8');
  const domain = parseDomain(text, { underscore: options.lenient === true });
  return domain.ok ? domain : parseError(start + Math.min(domain.error.offset, text.length), domain.error.message);
}

function readDomainPart(cursor: TextCursor, options: ParseAddressOptions): Result<Domain | AddressLiteral> {
  return cursor.peek() === 0x5b ? readLiteral(cursor) : readDomainName(cursor, options);
}

function readMailbox(cursor: TextCursor, options: ParseAddressOptions): Result<Address> {
  const start = cursor.at;
  const localpart = readLocalpart(cursor, options);
  if (!localpart.ok) return localpart;
  if (!cursor.take('@')) return parseError(cursor.at, !options.smtputf8 && cursor.peek() > 0x7f ? needsOption : '@ was expected');
  const domain = readDomainPart(cursor, options);
  if (!domain.ok) return domain;
  if (utf8Length(cursor.text.slice(start, cursor.at)) > pathOctets - 2 + Math.max(0, (options.localpartLimit ?? 0) - localpartOctets))
    return parseError(start, 'a path that is too long');
  return ok({ localpart: localpart.value, domain: domain.value });
}

/** Reads an address, a Mailbox of RFC 5321 §4.1.2: localpart, `@`, domain or address literal, and nothing else. */
export function parseAddress(text: string, options: ParseAddressOptions = {}): Result<Address> {
  const cursor = new TextCursor(text);
  const address = readMailbox(cursor, options);
  return address.ok && !cursor.done ? parseError(cursor.at, 'something behind the address') : address;
}

/** Goes past a source route, `@a,@b:`, which is read and dropped (RFC 5321 §4.1.1.3, appendix C). */
function skipSourceRoute(cursor: TextCursor, options: ParseAddressOptions): Result<undefined> {
  if (cursor.peek() !== 0x40) return ok(undefined);
  for (let hops = 0; hops < 100; hops++) {
    if (!cursor.take('@')) return parseError(cursor.at, '@ was expected');
    const domain = readDomainName(cursor, options);
    if (!domain.ok) return domain;
    if (cursor.take(':')) return ok(undefined);
    if (!cursor.take(',')) return parseError(cursor.at, 'a source route without its end');
  }
  return parseError(cursor.at, 'a source route that is too long');
}

/**
 * Reads a Path (RFC 5321 §4.1.2) at the cursor and moves it behind the `>`: for the arguments of MAIL and RCPT, which parameters
 * may follow. A source route is dropped.
 */
export function readPath(cursor: TextCursor, options: ParsePathOptions = {}): Result<Address> {
  if (!cursor.take('<')) return parseError(cursor.at, '< was expected');
  const start = cursor.at;
  if (options.postmaster && cursor.takeIgnoringCase('postmaster>')) {
    return ok({ localpart: cursor.text.slice(start, start + 10), domain: options.postmaster });
  }
  cursor.at = start;
  const route = skipSourceRoute(cursor, options);
  if (!route.ok) return route;
  const address = readMailbox(cursor, options);
  if (!address.ok) return address;
  return cursor.take('>') ? address : parseError(cursor.at, '> was expected');
}

/** As `readPath`; null for the null reverse-path `<>` (RFC 5321 §4.5.5). */
export function readReversePath(cursor: TextCursor, options: ParseAddressOptions = {}): Result<Address | null> {
  return cursor.take('<>') ? ok(null) : readPath(cursor, options);
}

function whole<T>(read: (cursor: TextCursor) => Result<T>, text: string): Result<T> {
  const cursor = new TextCursor(text);
  const result = read(cursor);
  return result.ok && !cursor.done ? parseError(cursor.at, 'something behind the path') : result;
}

/** Reads a Forward-path, `<address>` (RFC 5321 §4.1.2), and nothing else. */
export function parsePath(text: string, options: ParsePathOptions = {}): Result<Address> {
  return whole((cursor) => readPath(cursor, options), text);
}

/** Reads a Reverse-path, `<address>` or `<>`, which is null (RFC 5321 §4.1.2), and nothing else. */
export function parseReversePath(text: string, options: ParseAddressOptions = {}): Result<Address | null> {
  return whole((cursor) => readReversePath(cursor, options), text);
}
