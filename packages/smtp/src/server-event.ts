import type { Address } from '@mox/address';
import type { SaslFailureReason, SaslIdentity, SaslLookup } from '@mox/sasl';
import type { EsmtpParameters } from './esmtp-parameter.ts';
import type { SmtpReply } from './reply.ts';
import type { SmtpContent, SmtpOddity, SmtpTransaction } from './transaction.ts';

/** Why a transaction ended without a message. */
export type SmtpResetReason = 'rset' | 'hello' | 'starttls' | 'refused' | 'disconnected' | 'timeout' | 'shutdown' | 'protocol';

/** Events that park the session until `answer` is called: with a reply, or with nothing for the usual positive one. */
export type SmtpServerQuestion =
  /** A client has connected: before the greeting, and only with `askOnConnect`. A 554 or 421 sends it away. */
  | { readonly type: 'connect' }
  /** EHLO, HELO or LHLO. */
  | { readonly type: 'hello'; readonly verb: 'EHLO' | 'HELO' | 'LHLO'; readonly name: string; readonly valid: boolean }
  /** MAIL: whether mail of this sender is taken. */
  | {
      readonly type: 'mail';
      readonly sender: Address | null;
      readonly parameters: EsmtpParameters;
      readonly oddities: ReadonlySet<SmtpOddity>;
    }
  /** RCPT: whether mail to this recipient is taken. */
  | {
      readonly type: 'recipient';
      readonly recipient: Address;
      readonly parameters: EsmtpParameters;
      readonly transaction: SmtpTransaction;
    }
  /** The content is about to come, by DATA or the first BDAT: the last chance to refuse before it does. */
  | { readonly type: 'message-start'; readonly transaction: SmtpTransaction }
  /**
   * The content is here. A positive answer takes responsibility for it (RFC 5321 §4.2.5). In LMTP `answerRecipients` gives
   * a reply for each recipient (RFC 2033 §4.2).
   */
  | { readonly type: 'message-end'; readonly transaction: SmtpTransaction; readonly content: SmtpContent };

/** Everything a server session tells the service behind it. Events other than questions and `lookup` need no answer. */
export type SmtpServerEvent =
  | SmtpServerQuestion
  /** Content of the message: a view of what was received, in order. */
  | { readonly type: 'message-chunk'; readonly bytes: Uint8Array }
  /** The transaction is over without a message: what was written of it is to be thrown away. */
  | {
      readonly type: 'reset';
      readonly reason: SmtpResetReason;
      readonly transaction: SmtpTransaction;
      /** What the client is told, where the session refused the message by itself. */
      readonly reply?: SmtpReply;
    }
  /** Something has to be found out to go on with AUTH. Parks the session until `answerLookup`. */
  | { readonly type: 'lookup'; readonly lookup: SaslLookup }
  | { readonly type: 'authenticated'; readonly identity: SaslIdentity }
  | {
      readonly type: 'authentication-failed';
      readonly mechanism: string;
      readonly reason: SaslFailureReason;
      /** Name that was tried, where it was read. */
      readonly authcid?: string;
      /** For the log. */
      readonly problem: string;
    }
  /** The session refused a command by itself: for the log. The verb may be anything a client sends, cut short. */
  | { readonly type: 'refused'; readonly verb: string; readonly reply: string }
  /** Bytes received in clear text behind STARTTLS were thrown away: a sign of an attack (RFC 3207 §6). */
  | { readonly type: 'clear-text-discarded'; readonly bytes: number }
  /** The client said QUIT. */
  | { readonly type: 'quit' };
