import { encodeWords } from '@mox/encoding';
import { parseDomain } from '@mox/idna';
import { formatLocalpart } from './address.ts';

/** A mailbox to write into a header field. Any `HeaderMailbox` is one. */
export interface MailboxToFormat {
  readonly name?: string;
  readonly localpart: string;
  readonly domain: string | null;
}

/** A group to write into a header field. Any `HeaderGroup` is one. */
export interface GroupToFormat {
  readonly name: string;
  readonly members: readonly MailboxToFormat[];
}

/** How to write addresses of messages. */
export interface FormatAddressListOptions {
  /** The message is international (RFC 6532): nothing is encoded, domains are written in U-labels. */
  readonly utf8?: boolean;
}

/** Writes a display name as a phrase (RFC 5322 §3.2.5): atoms, a quoted string, or encoded words (RFC 2047 §5 rule 3). */
export function formatDisplayName(name: string, options: FormatAddressListOptions = {}): string {
  // Line ends and other controls have no place in a name, whoever asks for them.
  const clean = name.replace(/[\0-\x1f\x7f]+/g, ' ').trim();
  const ascii = /^[ -~]*$/.test(clean);
  if (!ascii && !options.utf8) return encodeWords(clean, { phrase: true });
  if (/^[^\s"(),.:;<>@[\\\]]+(?: [^\s"(),.:;<>@[\\\]]+)*$/.test(clean) && !clean.includes('=?')) return clean;
  if (clean.includes('=?')) return encodeWords(clean, { phrase: true });
  return `"${clean.replace(/["\\]/g, '\\$&')}"`;
}

function formatDomainText(domain: string, utf8: boolean): string {
  if (domain.startsWith('[')) return domain;
  const parsed = parseDomain(domain, { underscore: true });
  if (!parsed.ok) return domain;
  return utf8 ? parsed.value.unicode : parsed.value.ascii;
}

function formatMailbox(mailbox: MailboxToFormat, options: FormatAddressListOptions): string {
  const localpart = formatLocalpart(mailbox.localpart);
  const address = mailbox.domain === null ? localpart : `${localpart}@${formatDomainText(mailbox.domain, options.utf8 === true)}`;
  return mailbox.name ? `${formatDisplayName(mailbox.name, options)} <${address}>` : address;
}

/** Writes mailboxes and groups as an address-list (RFC 5322 §3.4), on one line: it may be folded at any space outside of quotes. */
export function formatAddressList(entries: readonly (MailboxToFormat | GroupToFormat)[], options: FormatAddressListOptions = {}): string {
  return entries
    .map((entry) => {
      if (!('members' in entry)) return formatMailbox(entry, options);
      const members = entry.members.map((member) => formatMailbox(member, options)).join(', ');
      return `${formatDisplayName(entry.name, options)}:${members === '' ? '' : ' '}${members};`;
    })
    .join(', ');
}
