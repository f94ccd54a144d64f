import type { AddressLiteral } from '@mox/address';
import type { Domain } from '@mox/idna';
import type { TlsInfo } from '@mox/runtime';
import type { SaslAnswer, SaslIdentity, SaslLookup } from '@mox/sasl';
import type { SmtpCommand } from './command.ts';
import type { ContentFacts } from './data-decoder.ts';
import type { InputBuffer } from './input-buffer.ts';
import type { ServerLimits } from './limits.ts';
import type { SmtpReply } from './reply.ts';
import type { SmtpResetReason, SmtpServerEvent, SmtpServerQuestion } from './server-event.ts';
import type { SmtpServerOptions } from './server-options.ts';
import type { SmtpOddity, SmtpRecipient, SmtpTransaction } from './transaction.ts';

/** A transaction while it is being put together. */
export interface OpenTransaction extends SmtpTransaction {
  readonly recipients: SmtpRecipient[];
  readonly oddities: Set<SmtpOddity>;
  /** Recipients that were refused. */
  refused: number;
  /** Content has begun to come in by BDAT. */
  intake: ContentIntake | undefined;
}

/** Where the content of a message goes while it comes in: see message-intake.ts. */
export interface ContentIntake {
  /** Takes the next content. */
  pass(chunk: Uint8Array): void;
  /** The content is whole: asks the service, or refuses, and replies. */
  end(facts: ContentFacts): void;
  /** What is wrong with the message, where it is clear already that it will be refused. */
  readonly problem: SmtpReply | undefined;
}

/** Takes input instead of the command loop. Returns whether it got on; false where it needs more. */
export interface InputReader {
  read(input: InputBuffer): boolean;
  /** Which time limit runs while it reads. */
  readonly timeout: 'command' | 'data-block';
}

/** What the session knows and can do, as the commands and extensions see it. */
export interface ServerContext {
  readonly options: SmtpServerOptions;
  readonly limits: ServerLimits;
  /** Stands for the domain of `<Postmaster>`: this host. */
  readonly postmasterDomain: Domain | AddressLiteral;
  /** The greeting command that is in force. */
  hello: { readonly verb: 'EHLO' | 'HELO' | 'LHLO'; readonly name: string; readonly valid: boolean } | undefined;
  tls: TlsInfo | undefined;
  login: SaslIdentity | undefined;
  failedLogins: number;
  transaction: OpenTransaction | undefined;
  /** Transactions begun so far. */
  transactions: number;
  /** Recipients refused by the service so far. */
  refusedRecipients: number;

  /** Sends a reply. A 421 ends the session (RFC 5321 §3.8). */
  reply(reply: SmtpReply): void;
  /** Sends a reply to a command that the client got wrong: logged, and counted against its limit. */
  refuse(reply: SmtpReply): void;
  /** Tells the service. */
  tell(event: SmtpServerEvent): void;
  /** Asks the service and goes on with its reply; without one, it wants the usual. */
  ask(event: SmtpServerQuestion, then: (reply: SmtpReply | undefined) => void): void;
  /** As `ask`, for an answer by recipient. */
  askForRecipients(event: SmtpServerQuestion, then: (replies: readonly SmtpReply[]) => void): void;
  /** Asks for what an authentication exchange needs. */
  askLookup(lookup: SaslLookup, then: (answer: SaslAnswer) => void): void;
  /** Hands the input to a reader; undefined: back to commands. */
  readWith(reader: InputReader | undefined): void;
  /** The line being read is refused: what is left of it is thrown away. */
  discardLine(): void;
  /** Ends the transaction without a message, if there is one. */
  dropTransaction(reason: SmtpResetReason, reply?: SmtpReply): void;
  /** A message was taken: counters start anew. */
  countMessage(): void;
  /** Sends 220 and waits for the handshake. */
  startTls(): void;
  /** Sends what there is to send, then closes. */
  close(): void;
}

/** A command: what it needs, and what it does. */
export interface Verb {
  /** May come before EHLO, HELO or LHLO (RFC 5321 §4.1.4). */
  readonly beforeHello?: true;
  /** May come without TLS where TLS is required (RFC 3207 §4). */
  readonly beforeTls?: true;
  /** Carries a transaction on: not counted as idle. */
  readonly transactional?: true;
  /** Takes no argument (RFC 5321 §4.1.1). */
  readonly noArgument?: true;
  /** One line for HELP. */
  readonly usage: string;
  step(session: ServerContext, command: SmtpCommand): void;
}
