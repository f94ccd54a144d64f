import type { Address } from './address.ts';
import { parseAddress } from './path.ts';

/** A mailbox in a header field of a message (RFC 5322 §3.4). Plain data. */
export interface HeaderMailbox {
  readonly type: 'mailbox';
  /** Display name to show: encoded words decoded. Empty where there is none. */
  readonly name: string;
  /** Display name as it stood, without quotes and comments, encoded words kept; null where there is none. */
  readonly rawName: string | null;
  /** Source route of an obsolete form, `@a,@b` (RFC 5322 §4.4); null where there is none. */
  readonly route: string | null;
  /** Localpart, unquoted. */
  readonly localpart: string;
  /** Domain as it stood, without comments and white space; an address literal with its brackets; null where it is missing. */
  readonly domain: string | null;
}

/** A named group of mailboxes (RFC 5322 §3.4, RFC 6854 §2). Plain data. */
export interface HeaderGroup {
  readonly type: 'group';
  readonly name: string;
  readonly rawName: string;
  readonly members: readonly HeaderMailbox[];
}

/** What was not as RFC 5322 §3.4 wants it, and was coped with. */
export type AddressListDefectCode =
  | 'missing-domain'
  | 'missing-address'
  | 'missing-angle-end'
  | 'missing-group-end'
  | 'missing-quote'
  | 'missing-comment-end'
  | 'unquoted-special'
  | 'unexpected-text'
  | 'too-many-addresses';

/** A defect and the offset in UTF-16 units at which it was found. */
export interface AddressListDefect {
  readonly code: AddressListDefectCode;
  readonly offset: number;
}

/** The addresses of a header field, in order. */
export interface AddressList {
  readonly entries: readonly (HeaderMailbox | HeaderGroup)[];
  readonly defects: readonly AddressListDefect[];
}

/** All mailboxes of a list, those in groups among them, in order. */
export function listMailboxes(list: AddressList): HeaderMailbox[] {
  return list.entries.flatMap((entry) => (entry.type === 'group' ? entry.members : [entry]));
}

/**
 * The address that a mailbox of a message names, for SMTP and for comparing. Undefined where it is none by RFC 5321 and RFC 6531;
 * dots at odd places in the localpart, underscores in the domain and a dot at its end are let through.
 */
export function mailboxAddress(mailbox: HeaderMailbox): Address | undefined {
  if (mailbox.domain === null) return undefined;
  const quoted = `"${mailbox.localpart.replace(/["\\]/g, '\\$&')}"@${mailbox.domain.replace(/\.$/, '')}`;
  const address = parseAddress(quoted, { smtputf8: true, lenient: true, localpartLimit: 256 });
  return address.ok ? address.value : undefined;
}
