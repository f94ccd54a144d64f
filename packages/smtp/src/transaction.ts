import type { Address } from '@mox/address';
import type { ContentFacts } from './data-decoder.ts';
import type { EsmtpParameters } from './esmtp-parameter.ts';

/** A recipient that was taken. */
export interface SmtpRecipient {
  readonly address: Address;
  readonly parameters: EsmtpParameters;
}

/** Things a client did that the RFCs do not allow, and that the session let pass. */
export type SmtpOddity =
  /** A space between the colon and the path of MAIL or RCPT (RFC 5321 §3.3). */
  | 'space-before-path'
  /** The path of MAIL or RCPT without angle brackets. */
  | 'no-angle-brackets'
  /** A source route (RFC 5321 appendix C); it was dropped. */
  | 'source-route'
  /** Octets above 127 in a message without BODY=8BITMIME (RFC 6152 §3). */
  | 'eight-bit-undeclared'
  /** Bare CR or LF in a message; only with `bareLineEnds: 'accept'`. */
  | 'bare-line-end';

/** A mail transaction (RFC 5321 §3.3) as far as it has come. */
export interface SmtpTransaction {
  /** Null for the null reverse-path (RFC 5321 §4.5.5). */
  readonly sender: Address | null;
  readonly parameters: EsmtpParameters;
  /** Recipients taken, in order. */
  readonly recipients: readonly SmtpRecipient[];
  readonly oddities: ReadonlySet<SmtpOddity>;
}

/** What is known of a message whose content has come in whole. */
export interface SmtpContent extends ContentFacts {
  /** The command that carried it. */
  readonly via: 'DATA' | 'BDAT';
}
