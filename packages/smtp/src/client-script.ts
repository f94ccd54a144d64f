// The client's side as scripts: a conversation written down in its order, that stops where it waits.
import type { TlsInfo } from '@mox/runtime';
import type { SaslClientAnswer, SaslClientLookup } from '@mox/sasl';
import type { Capabilities } from './capabilities.ts';
import type { SmtpClientEvent } from './client-event.ts';
import type { SmtpClientOptions } from './client-options.ts';
import type { SmtpClientProblem } from './extension.ts';
import type { SmtpReply } from './reply.ts';

/** What a script waits for. */
export type Wait =
  | { readonly type: 'reply'; readonly seconds: number }
  | { readonly type: 'tls' }
  | { readonly type: 'lookup'; readonly lookup: SaslClientLookup }
  | { readonly type: 'content' };

/** What a script goes on with. */
export type Resumed =
  | { readonly type: 'reply'; readonly reply: SmtpReply }
  | { readonly type: 'tls'; readonly tls: TlsInfo }
  | { readonly type: 'lookup'; readonly answer: SaslClientAnswer }
  | { readonly type: 'content' };

/** A conversation that stops where it waits. */
export type Script<T> = Generator<Wait, T, Resumed>;

/** What scripts work with. */
export interface ClientContext {
  readonly options: SmtpClientOptions;
  capabilities: Capabilities;
  tls: TlsInfo | undefined;
  /** Sends lines, each with its line end. */
  say(...lines: readonly string[]): void;
  tell(event: SmtpClientEvent): void;
  /** Throws away what was received and not read. */
  discardInput(): void;
  /** Asks the driver for the TLS handshake. */
  startTls(): unknown;
}

/** How a step of the opening ended, where it ended badly. */
export interface Failure {
  readonly problem: SmtpClientProblem;
  readonly reply?: SmtpReply;
}

/** Waits for a reply. */
export function* readReply(seconds: number): Script<SmtpReply> {
  const resumed = yield { type: 'reply', seconds };
  if (resumed.type !== 'reply') throw new TypeError(`a reply was waited for, ${resumed.type} came`);
  return resumed.reply;
}
