import { readParameters } from '../command-parameters.ts';
import { EsmtpParameters } from '../esmtp-parameter.ts';
import { parsePathArgument } from '../path.ts';
import { replies } from '../replies.ts';
import { isPositive, type SmtpReply, smtpReply } from '../reply.ts';
import type { OpenTransaction, ServerContext, Verb } from '../server-context.ts';
import { serverExtensions } from '../server-extensions.ts';

function orderProblem({ options, transaction, login, limits, transactions }: ServerContext): SmtpReply | undefined {
  if (transaction) return replies.nestedMail;
  // RFC 6409 §4.3.
  if ((options.authenticationRequired ?? options.mode === 'submission') && !login) return replies.authenticationRequired;
  // RFC 9422 §3: MAILMAX.
  return limits.transactions !== undefined && transactions >= limits.transactions ? replies.tooManyTransactions : undefined;
}

/** MAIL (RFC 5321 §4.1.1.2). */
export const mail: Verb = {
  usage: 'MAIL FROM:<address> [parameters]',
  step(session, { argument }) {
    const order = orderProblem(session);
    if (order) return session.refuse(order);
    const path = parsePathArgument(argument, { keyword: 'FROM', postmaster: session.postmasterDomain });
    if (!path.ok) return session.refuse(smtpReply(501, path.error.enhanced, `Syntax: ${mail.usage}: ${path.error.message}`));
    const parameters = readParameters(session, 'mailParameters', path.value.rest);
    if (!(parameters instanceof EsmtpParameters)) return session.refuse(parameters);
    for (const extension of serverExtensions) {
      const problem = extension.checkMail?.(session, { path: path.value, parameters });
      if (problem) return session.refuse(problem);
    }
    const { path: sender, oddities } = path.value;
    session.ask({ type: 'mail', sender, parameters, oddities }, (reply) => {
      if (reply && !isPositive(reply)) return session.reply(reply);
      const transaction: OpenTransaction = {
        sender,
        parameters,
        recipients: [],
        oddities: new Set(oddities),
        refused: 0,
        intake: undefined,
      };
      session.transaction = transaction;
      session.transactions++;
      session.reply(reply ?? replies.senderOk);
    });
  },
};
