import { DataDecoder } from '../data-decoder.ts';
import type { InputBuffer } from '../input-buffer.ts';
import { MessageIntake } from '../message-intake.ts';
import { replies } from '../replies.ts';
import { isPositive, type SmtpReply } from '../reply.ts';
import type { InputReader, OpenTransaction, ServerContext, Verb } from '../server-context.ts';
import { serverExtensions } from '../server-extensions.ts';

/** Reads mail data up to CR LF . CR LF. */
class DataReader implements InputReader {
  readonly timeout = 'data-block';
  readonly #session: ServerContext;
  readonly #intake: MessageIntake;
  readonly #decoder = new DataDecoder();
  readonly #pass = (chunk: Uint8Array): void => this.#intake.pass(chunk);

  constructor(session: ServerContext, transaction: OpenTransaction) {
    this.#session = session;
    this.#intake = new MessageIntake(session, transaction, 'DATA');
  }

  read(input: InputBuffer): boolean {
    const piece = input.peekPiece();
    if (!piece) return false;
    const decoder = this.#decoder;
    input.skip(decoder.decode(piece, this.#pass));
    this.#intake.checkLineEnds(decoder);
    if (decoder.done) {
      this.#session.readWith(undefined);
      this.#intake.end(decoder);
    } else if (this.#intake.endless) {
      // deviates RFC 5321 §4.1.1.10: closed before QUIT; a message without end is not read to its end.
      this.#session.refuse(this.#intake.problem ?? replies.messageTooBig);
      this.#session.close();
    }
    return true;
  }
}

function orderProblem({ transaction, options }: ServerContext): SmtpReply | undefined {
  if (!transaction) return replies.mailFirst;
  if (transaction.recipients.length === 0) {
    // RFC 5321 §3.3: 503 or 554; RFC 2033 §4.2: 503.
    return transaction.refused > 0 && options.mode !== 'lmtp' ? replies.noValidRecipients : replies.recipientFirst;
  }
  for (const extension of serverExtensions) {
    const problem = extension.checkData?.(transaction);
    if (problem) return problem;
  }
  return undefined;
}

/** DATA (RFC 5321 §4.1.1.4). */
export const data: Verb = {
  noArgument: true,
  transactional: true,
  usage: 'DATA',
  step(session) {
    const { transaction } = session;
    const problem = orderProblem(session);
    if (problem || !transaction) return session.refuse(problem ?? replies.mailFirst);
    session.ask({ type: 'message-start', transaction }, (reply) => {
      if (reply && !isPositive(reply) && reply.code !== 354) {
        session.dropTransaction('refused');
        return session.reply(reply);
      }
      session.reply(replies.startMail);
      session.readWith(new DataReader(session, transaction));
    });
  },
};
