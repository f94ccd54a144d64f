import type { TlsInfo } from '@mox/runtime';
import type { SmtpEnvelope } from './envelope.ts';
import type { EsmtpParameter, EsmtpParameters } from './esmtp-parameter.ts';
import type { SmtpPathArgument } from './path.ts';
import type { SmtpReply } from './reply.ts';
import type { OpenTransaction, ServerContext, Verb } from './server-context.ts';

/** A MAIL command whose syntax is right. */
export interface MailCommand {
  readonly path: SmtpPathArgument;
  readonly parameters: EsmtpParameters;
}

/** The server's half of an extension (RFC 5321 §2.2.2). */
export interface ServerExtension {
  /** EHLO keyword. */
  readonly keyword: string;
  /** The line of the EHLO reply, keyword first; undefined where the extension is not offered in this state of the session. */
  announce(session: ServerContext): string | undefined;
  /** Parameters that it adds to MAIL. */
  readonly mailParameters?: readonly EsmtpParameter<unknown>[];
  /** Parameters that it adds to RCPT. */
  readonly recipientParameters?: readonly EsmtpParameter<unknown>[];
  /** Whether the parameters are taken; where it is left out, when the extension is announced. */
  takesParameters?(session: ServerContext): boolean;
  /** Refuses a MAIL command, before the service is asked. */
  checkMail?(session: ServerContext, mail: MailCommand): SmtpReply | undefined;
  /** Refuses a RCPT command, before the service is asked. */
  checkRecipient?(session: ServerContext, transaction: OpenTransaction, path: SmtpPathArgument): SmtpReply | undefined;
  /** Refuses a DATA command, before the service is asked. */
  checkData?(transaction: OpenTransaction): SmtpReply | undefined;
  /** Commands that it adds, by verb. */
  readonly verbs?: Readonly<Record<string, Verb>>;
}

/** The client's half of an extension. */
export interface ClientExtension {
  /** EHLO keyword. */
  readonly keyword: string;
  /** Why a message cannot be sent to a server with these capabilities; undefined where it can. */
  refuse?(envelope: SmtpEnvelope, server: SmtpCapabilities): SmtpClientProblem | undefined;
  /** What it adds to MAIL for this message. Asked only where the server announced the extension. */
  mailParameters?(envelope: SmtpEnvelope, server: SmtpCapabilities): readonly string[];
  /** What it adds to RCPT for one recipient. Asked only where the server announced the extension. */
  recipientParameters?(envelope: SmtpEnvelope, recipient: number, server: SmtpCapabilities): readonly string[];
}

/** What a server announced. */
export interface SmtpCapabilities {
  /** Words behind a keyword, in the server's order; undefined where the extension was not announced. */
  get(keyword: string): readonly string[] | undefined;
  readonly tls: TlsInfo | undefined;
}

/** Why a message was not sent, where no reply says it. */
export interface SmtpClientProblem {
  readonly code:
    | 'message-too-big'
    /** What the message or the session needs is an extension that the server does not offer: see `extension`. */
    | 'not-offered'
    | 'no-mechanism'
    | 'authentication-failed'
    | 'refused'
    | 'timeout'
    | 'connection-closed'
    | 'not-smtp';
  /** One sentence for a log. */
  readonly message: string;
  /** Enhanced status code (RFC 3463 §3) that says it in a report. */
  readonly enhanced: string;
  /** EHLO keyword of the extension that is missing. */
  readonly extension?: string;
}
