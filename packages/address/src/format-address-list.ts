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
  /** Longest encoded word; 75 at most and unless said otherwise (RFC 2047 §2). */
  readonly wordLength?: number;
}

/** A word that could not stand on one line beside an address (RFC 5322 §2.1.1), which only encoded words can break. */
const longWord = /[^ ]{200}/;

/** Writes a display name as a phrase (RFC 5322 §3.2.5): atoms, a quoted string that fits on a line, or encoded words (RFC 2047 §5 rule 3). */
export function formatDisplayName(name: string, options: FormatAddressListOptions = {}): string {
  // Line ends and other controls have no place in a name, whoever asks for them.
  const clean = name.replace(/[\0-\x1f\x7f]+/g, ' ').trim();
  const ascii = /^[ -~]*$/.test(clean);
  const encode = (): string => encodeWords(clean, { phrase: true, wordLength: options.wordLength ?? 75 });
  if (!ascii && !options.utf8) return encode();
  if (/^[^\s"(),.:;<>@[\\\]]+(?: [^\s"(),.:;<>@[\\\]]+)*$/.test(clean) && !clean.includes('=?') && !longWord.test(clean)) return clean;
  const quoted = `"${clean.replace(/["\\]/g, '\\$&')}"`;
  // A quoted string that is too long for a line would be folded within, and some readers keep that line end.
  return clean.includes('=?') || quoted.length > (options.wordLength ?? 75) ? encode() : quoted;
}

function formatDomainText(domain: string, utf8: boolean): string {
  if (domain.startsWith('[')) return `[${domain.replace(/[^!-Z^-~]+/g, '')}]`;
  const parsed = parseDomain(domain, { underscore: true });
  // What is no domain is written as it was read, but for what would start a new field or another address.
  if (!parsed.ok) return domain.replace(/[\0- \x7f"(),:;<>@[\\\]]+/g, '');
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
