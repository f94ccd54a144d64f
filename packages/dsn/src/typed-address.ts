import { withoutComments } from './comments.ts';

/** An address with its type, as reports have it (RFC 3464 §2.1.2), e.g. `rfc822;jane@example.org`. */
export interface TypedAddress {
  /** In lower case: `rfc822`, `utf-8` (RFC 6533 §3), `x400` ... */
  readonly type: string;
  /** For `utf-8` decoded. */
  readonly address: string;
}

/** Characters that `\x{...}` may stand for, as RFC 6533 §3 has them: beyond ASCII, and the few of ASCII that would end the field. */
const escapePattern = /\\x\{([0-9A-Fa-f]{2,6})\}/g;

function decodeUnicode(text: string): string {
  return text.replace(escapePattern, (whole, digits: string) => {
    const codePoint = Number.parseInt(digits, 16);
    const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    return codePoint > 0x10ffff || surrogate || codePoint < 0x20 || codePoint === 0x7f ? whole : String.fromCodePoint(codePoint);
  });
}

function escape(character: string): string {
  return `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}}`;
}

/** utf-8-addr-xtext (RFC 6533 §3): what is not printable ASCII, backslash, plus and equals as `\x{...}`. */
function encodeUnicode(text: string): string {
  return text.replace(/[^\x21-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e]/gu, escape);
}

/** Fields of a report in ASCII, in which reports that are not global are written: other characters as `\x{...}`. */
export function escapeBeyondAscii(text: string): string {
  return text.replace(/[^\x00-\x7f]/gu, escape);
}

/** Parts `type; value`, the type in lower case. Where there is none, it is as told. A comment before the type is dropped. */
export function splitTyped(text: string, defaultType: string): readonly [type: string, value: string] {
  const semicolon = text.indexOf(';');
  const type = withoutComments(text.slice(0, Math.max(0, semicolon))).trim();
  if (semicolon < 0 || !/^[A-Za-z0-9_-]+$/.test(type)) return [defaultType, text.trim()];
  return [type.toLowerCase(), text.slice(semicolon + 1).trim()];
}

/** Types of addresses that have the syntax of RFC 5322, in which parentheses are comments and angle brackets no part of the address. */
const mailTypes: ReadonlySet<string> = new Set(['rfc822', 'utf-8']);

function bareAddress(text: string): string {
  const bare = withoutComments(text);
  return /^<[^<>\s]+@[^<>\s]+>$/.test(bare) ? bare.slice(1, -1) : bare;
}

/** Reads `type; address`. Where there is no type, `rfc822` is meant. Comments, and angle brackets around it, are no part of a mail address. */
export function parseTypedAddress(text: string): TypedAddress {
  const [type, value] = splitTyped(text, 'rfc822');
  const address = mailTypes.has(type) ? bareAddress(value) : value;
  return { type, address: type === 'utf-8' ? decodeUnicode(address) : address };
}

/** Writes `type; address`: in ASCII, or where `utf8` allows it (message/global-delivery-status) as it is. */
export function formatTypedAddress({ type, address }: TypedAddress, options: { readonly utf8?: boolean } = {}): string {
  return `${type}; ${type === 'utf-8' && !options.utf8 ? encodeUnicode(address) : address}`;
}
