import { type Domain, equalDomains } from '@mox/idna';
import { type CharClass, charClass, type IpAddress, parseIp } from '@mox/syntax';

/** The domain part of an address that names no domain but an IP address, `[192.0.2.1]` (RFC 5321 §4.1.3). Plain data. */
export interface AddressLiteral {
  /** What stands between the brackets, written one way: `192.0.2.1`, `IPv6:2001:db8::1`. */
  readonly literal: string;
}

/** A mail address (RFC 5321 §4.1.2 Mailbox). Plain data. */
export interface Address {
  /** The localpart itself: quotes and backslashes taken off. */
  readonly localpart: string;
  readonly domain: Domain | AddressLiteral;
}

/** Whether the domain part of an address is an address literal. */
export function isAddressLiteral(domain: Domain | AddressLiteral): domain is AddressLiteral {
  return 'literal' in domain;
}

/** The IP address of an address literal (RFC 5321 §4.1.3). */
export function addressLiteralIp(literal: AddressLiteral): IpAddress | undefined {
  return parseIp(literal.literal.replace(/^IPv6:/i, ''));
}

/** atext (RFC 5322 §3.2.3, as RFC 5321 §4.1.2 has it). */
export const isAtomText: CharClass = /* @__PURE__ */ charClass(['A', 'Z'], ['a', 'z'], ['0', '9'], "!#$%&'*+-/=?^_`{|}~");

/** Whether a text can stand as a Dot-string (RFC 5321 §4.1.2; characters beyond ASCII by RFC 6531 §3.3). */
function isDotString(text: string): boolean {
  let atomLength = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e) {
      if (atomLength === 0) return false;
      atomLength = 0;
    } else if (code < 0xa0 && !isAtomText(code)) return false;
    else atomLength++;
  }
  return atomLength > 0;
}

/** Writes a localpart: as it is where it can, otherwise quoted (RFC 5321 §4.1.2 Local-part). Controls, which none has, are left away. */
export function formatLocalpart(localpart: string): string {
  if (isDotString(localpart)) return localpart;
  const clean = localpart.replace(/[\0-\x1f\x7f]+/g, '');
  return isDotString(clean) ? clean : `"${clean.replace(/["\\]/g, '\\$&')}"`;
}

/** How to write an address. */
export interface FormatAddressOptions {
  /** The reader takes international addresses (RFC 6531): the domain is written in U-labels. */
  readonly smtputf8?: boolean;
}

/** Writes the domain part of an address. */
export function formatAddressDomain(domain: Domain | AddressLiteral, options: FormatAddressOptions = {}): string {
  if (isAddressLiteral(domain)) return `[${domain.literal}]`;
  return options.smtputf8 ? domain.unicode : domain.ascii;
}

/** Writes an address as a Mailbox of RFC 5321 §4.1.2, without angle brackets. A localpart beyond ASCII stays so: see `needsSmtputf8`. */
export function formatAddress(address: Address, options: FormatAddressOptions = {}): string {
  return `${formatLocalpart(address.localpart)}@${formatAddressDomain(address.domain, options)}`;
}

/** Whether an address cannot be written without SMTPUTF8, because its localpart is not ASCII (RFC 6531 §3.2). */
export function needsSmtputf8(address: Address): boolean {
  return /[^\0-\x7f]/.test(address.localpart);
}

/** When two localparts are one mailbox. By RFC 5321 §2.4 only the receiving host knows: without options they must be equal. */
export interface LocalpartRules {
  /** Case does not matter. */
  readonly caseInsensitive?: boolean;
  /** Characters that each start a subaddress, e.g. `+`: it and what follows does not matter (RFC 5233 §4). */
  readonly separators?: string;
  /** Dots do not matter. */
  readonly ignoreDots?: boolean;
}

/** A localpart in the one form that all localparts of its mailbox have under the rules. Unicode is in NFC. */
export function canonicalLocalpart(localpart: string, rules: LocalpartRules = {}): string {
  let end = localpart.length;
  for (const separator of rules.separators ?? '') {
    const at = localpart.indexOf(separator, 1);
    if (at > 0 && at < end) end = at;
  }
  let canonical = localpart.slice(0, end).normalize('NFC');
  if (rules.ignoreDots) canonical = canonical.replaceAll('.', '');
  return rules.caseInsensitive ? canonical.toLowerCase().normalize('NFC') : canonical;
}

/** Whether the domain parts of two addresses are the same. */
function equalAddressDomains(a: Domain | AddressLiteral, b: Domain | AddressLiteral): boolean {
  if (isAddressLiteral(a)) return isAddressLiteral(b) && a.literal === b.literal;
  return !isAddressLiteral(b) && equalDomains(a, b);
}

/** Whether two addresses are the same, their localparts by the rules. */
export function equalAddresses(a: Address, b: Address, rules: LocalpartRules = {}): boolean {
  return equalAddressDomains(a.domain, b.domain) && canonicalLocalpart(a.localpart, rules) === canonicalLocalpart(b.localpart, rules);
}

/**
 * The key under which a store looks an address up: localpart, without quotes, in lower case and NFC, `@`, domain in A-labels in
 * lower case. Not an address to send to: see `formatAddress`.
 */
export function canonicalAddress(address: Address): string {
  return `${canonicalLocalpart(address.localpart, { caseInsensitive: true })}@${formatAddressDomain(address.domain)}`;
}
