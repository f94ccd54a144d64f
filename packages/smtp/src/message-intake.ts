import type { ContentFacts } from './data-decoder.ts';
import { bodyParameter } from './extensions/eightbitmime.ts';
import { replies } from './replies.ts';
import { isPositive, type SmtpReply } from './reply.ts';
import type { ContentIntake, OpenTransaction, ServerContext } from './server-context.ts';

/** How much of a message that is refused already is read on, as a multiple of the largest size: then the connection is closed. */
const patience = 2;

/**
 * Takes the content of one message, by DATA or BDAT: hands it to the service, holds it to the limits, and ends the transaction.
 * A message that is refused on the way is read to its end, so that none of it is taken for commands.
 */
export class MessageIntake implements ContentIntake {
  problem: SmtpReply | undefined;
  #sizeBytes = 0;
  readonly #session: ServerContext;
  readonly #transaction: OpenTransaction;
  readonly #via: 'DATA' | 'BDAT';

  constructor(session: ServerContext, transaction: OpenTransaction, via: 'DATA' | 'BDAT') {
    this.#session = session;
    this.#transaction = transaction;
    this.#via = via;
  }

  pass(chunk: Uint8Array): void {
    this.#sizeBytes += chunk.length;
    const { messageBytes } = this.#session.limits;
    if (this.#sizeBytes > messageBytes) this.refuse(replies.messageTooBig);
    if (!this.problem) this.#session.tell({ type: 'message-chunk', bytes: chunk });
  }

  /** Whether so much came in after a refusal that the client will not get to an end. */
  get endless(): boolean {
    return this.problem !== undefined && this.#sizeBytes > patience * this.#session.limits.messageBytes;
  }

  /** The message will be refused, whatever comes. */
  refuse(problem: SmtpReply): void {
    if (this.problem) return;
    this.problem = problem;
    this.#session.dropTransaction('protocol', problem);
  }

  /** Notes bare CR and LF as soon as they are seen. */
  checkLineEnds(facts: ContentFacts): void {
    if (!facts.bareCr && !facts.bareLf) return;
    if (this.#session.options.bareLineEnds === 'accept') this.#transaction.oddities.add('bare-line-end');
    else this.refuse(replies.bareLineEndInMessage);
  }

  end(facts: ContentFacts): void {
    const session = this.#session;
    const transaction = this.#transaction;
    if (this.problem) return this.#reply(transaction.recipients.map(() => this.problem as SmtpReply));
    if (facts.eightBit && !transaction.parameters.get(bodyParameter)) transaction.oddities.add('eight-bit-undeclared');
    const { sizeBytes, bareCr, bareLf, eightBit } = facts;
    const event = { type: 'message-end', transaction, content: { via: this.#via, sizeBytes, bareCr, bareLf, eightBit } } as const;
    session.askForRecipients(event, (answers) => {
      session.transaction = undefined;
      if (answers.some(isPositive)) session.countMessage();
      this.#reply(answers);
    });
  }

  /** RFC 2033 §4.2: in LMTP a reply for each recipient that was taken; elsewhere one for all. */
  #reply(answers: readonly SmtpReply[]): void {
    for (const answer of this.#session.options.mode === 'lmtp' ? answers : answers.slice(0, 1)) {
      if (answer === this.problem) this.#session.refuse(answer);
      else this.#session.reply(answer);
    }
  }
}
