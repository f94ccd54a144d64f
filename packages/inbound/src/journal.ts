import { formatReplyLine, type SmtpReply } from '@mox/smtp';
import type { Decision } from '@mox/store';
import type { InboundConnection, InboundContext } from './options.ts';

/** What is written down about one connection: log lines with its names, and decisions. */
export class Journal {
  readonly #context: InboundContext;
  readonly #names: Readonly<Record<string, string>>;
  #recording: Promise<unknown> = Promise.resolve();

  constructor(context: InboundContext, connection: InboundConnection) {
    this.#context = context;
    this.#names = { connection: connection.id, remote: connection.remoteAddress };
  }

  /** Something an operator may want to know. */
  info(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#context.logger.info(message, { ...this.#names, ...fields });
  }

  /** Something a developer may want to know. */
  debug(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#context.logger.debug(message, { ...this.#names, ...fields });
  }

  /** A fault of this machine. */
  fault(message: string, error: unknown): void {
    this.#context.logger.error(message, { ...this.#names, problem: error instanceof Error ? error.message : String(error) });
  }

  /** Something was refused, and why. */
  refused(
    message: string,
    refusal: { readonly reply: SmtpReply; readonly reason: string },
    fields: Readonly<Record<string, unknown>>,
  ): void {
    this.info(message, { ...fields, reply: formatReplyLine(refusal.reply), reason: refusal.reason });
  }

  /** Keeps a decision; nobody waits for it. */
  record(decision: Decision): void {
    const recorded = this.#context.store.decisions
      .record(decision)
      .catch((error: unknown) => this.fault('recording a decision failed', error));
    this.#recording = Promise.all([this.#recording, recorded]);
  }

  /** Resolves when all decisions are kept. */
  async settled(): Promise<void> {
    await this.#recording;
  }
}
