/** What the content of a message is made of (RFC 6152 §2, RFC 3030 §3). */
export type SmtpBody = '7BIT' | '8BITMIME' | 'BINARYMIME';

/** When a recipient's notification is wanted (RFC 3461 §4.1). */
export type DsnNotify = 'NEVER' | readonly ('SUCCESS' | 'FAILURE' | 'DELAY')[];

/** The recipient as the sender wrote it (RFC 3461 §4.2). */
export interface OriginalRecipient {
  /** Address type, e.g. `rfc822`, in lower case. */
  readonly type: string;
  readonly address: string;
}

/** A parameter of an extension that has no field of its own in the envelope; its extension's file makes it. */
export interface SentParameter {
  /** EHLO keyword of the extension. */
  readonly extension: string;
  /** As it is sent, e.g. `MT-PRIORITY=3`. */
  readonly text: string;
  /** The message must not go to a server without the extension. Default: then the parameter is left out. */
  readonly required?: boolean;
}

/** A recipient of a message to be sent. */
export interface SmtpEnvelopeRecipient {
  /** `localpart@domain` in the form of RFC 5321 §4.1.2, without angle brackets. */
  readonly address: string;
  readonly notify?: DsnNotify;
  readonly originalRecipient?: OriginalRecipient;
  /** Further parameters of RCPT. */
  readonly parameters?: readonly SentParameter[];
}

/** A message to be sent: all but its content. What the server does not offer is left out, or makes the message unsendable. */
export interface SmtpEnvelope {
  /** `localpart@domain` in the form of RFC 5321 §4.1.2, without angle brackets; empty for the null reverse-path. */
  readonly sender: string;
  readonly recipients: readonly SmtpEnvelopeRecipient[];
  /** Size of the content, where it is known (RFC 1870). */
  readonly sizeBytes?: number;
  /** Default: nothing is declared. */
  readonly body?: SmtpBody;
  /** The header section has UTF-8 (RFC 6532): SMTPUTF8 is needed. Addresses are looked at by the session. */
  readonly internationalized?: boolean;
  /** How much a report of failure gives back (RFC 3461 §4.3). */
  readonly ret?: 'FULL' | 'HDRS';
  /** The sender's name for the transaction (RFC 3461 §4.4). */
  readonly envid?: string;
  /** RFC 8689: only to a server that promises the same. */
  readonly requireTls?: boolean;
  /** Further parameters of MAIL. */
  readonly parameters?: readonly SentParameter[];
}
