import type { SaslClientLookup } from '@mox/sasl';
import type { SmtpCapabilities, SmtpClientProblem } from './extension.ts';
import type { SmtpReply } from './reply.ts';

/** What became of one recipient. */
export interface SmtpRecipientResult {
  readonly address: string;
  /** `accepted`: the server has taken responsibility. `deferred`: try again later. `refused`: never. */
  readonly status: 'accepted' | 'deferred' | 'refused';
  /** The reply that decided; absent where none came. */
  readonly reply?: SmtpReply;
  /** Why, where no reply says it. */
  readonly problem?: SmtpClientProblem;
}

/** What became of a message. */
export interface SmtpSendResult {
  /** In the order of the envelope. */
  readonly recipients: readonly SmtpRecipientResult[];
  /** Reply to MAIL. */
  readonly mail?: SmtpReply;
  /** Reply to DATA or, where it got that far, to the end of the content. */
  readonly data?: SmtpReply;
  /** The content had CR or LF that were no line ends: they were made line ends (RFC 5321 §2.3.8). */
  readonly contentChanged: boolean;
}

/** Everything that a client session tells its user. */
export type SmtpClientEvent =
  /** The session is open: greeted, under TLS and logged in as was asked for. `send` may be called. */
  | { readonly type: 'ready'; readonly capabilities: SmtpCapabilities; readonly greeting: SmtpReply }
  /** The session could not be opened, or is lost. It closes. */
  | { readonly type: 'failed'; readonly problem: SmtpClientProblem; readonly reply?: SmtpReply }
  /** Work of an authentication mechanism: find it out, then `answerLookup`. */
  | { readonly type: 'lookup'; readonly lookup: SaslClientLookup }
  /** The server waits for the content: `write` it, then `endContent`. */
  | { readonly type: 'content-wanted' }
  /** The transaction is over; unless the session is lost, `send` may be called again. */
  | { readonly type: 'result'; readonly result: SmtpSendResult };
