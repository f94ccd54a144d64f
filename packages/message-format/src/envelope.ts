/** A mailbox or a group mark of an ENVELOPE (RFC 9051 §7.5.2), as it stood: display names are not decoded. */
export interface EnvelopeAddress {
  /** Display name with quotes and comments taken off, encoded words kept; null where there is none. */
  readonly name: string | null;
  /** Source route (RFC 822 §6.1), kept for IMAP4rev1; null where there is none. */
  readonly route: string | null;
  /** Localpart; for the start of a group its name; null at the end of a group. */
  readonly mailbox: string | null;
  /** Domain; null marks the start or the end of a group. */
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
