import { readParameters } from '../command-parameters.ts';
import { EsmtpParameters } from '../esmtp-parameter.ts';
import { parsePathArgument, type SmtpPathArgument } from '../path.ts';
import { replies } from '../replies.ts';
import { isPositive, type SmtpReply, smtpReply } from '../reply.ts';
import type { OpenTransaction, ServerContext, Verb } from '../server-context.ts';
import { serverExtensions } from '../server-extensions.ts';

function extensionProblem(session: ServerContext, transaction: OpenTransaction, path: SmtpPathArgument): SmtpReply | undefined {
  for (const extension of serverExtensions) {
    const problem = extension.checkRecipient?.(session, transaction, path);
    if (problem) return problem;
  }
  return undefined;
}

function settle(session: ServerContext, transaction: OpenTransaction, reply: SmtpReply): void {
  transaction.refused++;
  // Guessing of addresses ends somewhere.
  if (++session.refusedRecipients > session.limits.refusedRecipients) return session.reply(replies.tooManyErrors);
  session.reply(reply);
}

/** RCPT (RFC 5321 §4.1.1.3). */
export const recipient: Verb = {
  transactional: true,
  usage: 'RCPT TO:<address> [parameters]',
  step(session, { argument }) {
    const { transaction } = session;
    if (!transaction) return session.refuse(replies.mailFirst);
    // RFC 5321 §4.5.3.1.10: those beyond the limit come in another transaction.
    if (transaction.recipients.length >= session.limits.recipients) return session.reply(replies.tooManyRecipients);
    const path = parsePathArgument(argument, { keyword: 'TO', postmaster: session.postmasterDomain });
    if (!path.ok) return session.refuse(smtpReply(501, path.error.enhanced, `Syntax: ${recipient.usage}: ${path.error.message}`));
    const address = path.value.path;
    if (address === null) return session.refuse(smtpReply(501, '5.1.3', 'A recipient cannot be empty'));
    const parameters = readParameters(session, 'recipientParameters', path.value.rest);
    if (!(parameters instanceof EsmtpParameters)) return session.refuse(parameters);
    const problem = extensionProblem(session, transaction, path.value);
    if (problem) return session.refuse(problem);
    for (const oddity of path.value.oddities) transaction.oddities.add(oddity);
    session.ask({ type: 'recipient', recipient: address, parameters, transaction }, (reply) => {
      if (reply && !isPositive(reply)) return settle(session, transaction, reply);
      transaction.recipients.push({ address, parameters });
      session.reply(reply ?? replies.recipientOk);
    });
  },
};
