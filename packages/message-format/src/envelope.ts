import { type HeaderMailbox, parseRawAddressList } from '@mox/address';

/** A mailbox or a group mark of an ENVELOPE (RFC 9051 §7.5.2), as it stood: display names are not decoded. */
export interface EnvelopeAddress {
  /** Display name with quotes and comments taken off, encoded words kept; null where there is none. */
  readonly name: string | null;
  /** Source route (RFC 822 §6.1), kept for IMAP4rev1; null where there is none. */
  readonly route: string | null;
  /** Localpart; for the start of a group its name; null at the end of a group. */
  readonly mailbox: string | null;
  /** Domain; null marks the start or the end of a group. Empty where an address has none. */
  readonly host: string | null;
}

/** The header fields of the IMAP ENVELOPE, unfolded and raw. Plain data. Null where the field is absent. */
export interface Envelope {
  readonly date: string | null;
  readonly subject: string | null;
  readonly from: readonly EnvelopeAddress[] | null;
  readonly sender: readonly EnvelopeAddress[] | null;
  readonly replyTo: readonly EnvelopeAddress[] | null;
  readonly to: readonly EnvelopeAddress[] | null;
  readonly cc: readonly EnvelopeAddress[] | null;
  readonly bcc: readonly EnvelopeAddress[] | null;
  readonly inReplyTo: string | null;
  readonly messageId: string | null;
}

const groupEnd: EnvelopeAddress = { name: null, route: null, mailbox: null, host: null };

function fromMailbox(mailbox: HeaderMailbox): EnvelopeAddress {
  return { name: mailbox.rawName, route: mailbox.route, mailbox: mailbox.localpart, host: mailbox.domain ?? '' };
}

/**
 * Reads the value of an address field as an ENVELOPE shows it (RFC 9051 §7.5.2): encoded words kept, groups as marks.
 * `complete` is false where the limit cut the list short.
 */
export function readEnvelopeAddresses(
  text: string,
  most: number,
): { readonly addresses: readonly EnvelopeAddress[]; readonly complete: boolean } {
  const { entries, defects } = parseRawAddressList(text, { entries: most });
  const addresses: EnvelopeAddress[] = [];
  for (const entry of entries) {
    if (entry.type === 'mailbox') {
      addresses.push(fromMailbox(entry));
      continue;
    }
    addresses.push({ name: null, route: null, mailbox: entry.rawName, host: null });
    for (const member of entry.members) addresses.push(fromMailbox(member));
    addresses.push(groupEnd);
  }
  return { addresses, complete: !defects.some((defect) => defect.code === 'too-many-addresses') };
}
