// Commands of a line each.
import { replies } from '../replies.ts';
import { smtpReply } from '../reply.ts';
import type { Verb } from '../server-context.ts';

/** RSET (RFC 5321 §4.1.1.5). */
export const rset: Verb = {
  beforeHello: true,
  noArgument: true,
  usage: 'RSET',
  step(session) {
    session.dropTransaction('rset');
    session.reply(replies.ok);
  },
};

/** NOOP (RFC 5321 §4.1.1.9): its argument is ignored. */
export const noop: Verb = { beforeHello: true, beforeTls: true, usage: 'NOOP', step: (session) => session.reply(replies.ok) };

/** VRFY (RFC 5321 §4.1.1.6): told nothing, since it tells spammers (RFC 5321 §7.3). */
export const vrfy: Verb = {
  beforeHello: true,
  usage: 'VRFY address',
  step(session, { argument }) {
    if (argument === '') session.refuse(smtpReply(501, '5.5.4', 'Syntax: VRFY address'));
    else session.reply(replies.cannotVerify);
  },
};

/** EXPN (RFC 5321 §4.1.1.7). */
export const expn: Verb = { beforeHello: true, usage: 'EXPN list', step: (session) => session.refuse(replies.notImplemented) };

/** SEND, SOML, SAML, TURN: of RFC 821, obsolete (RFC 5321 appendix F). */
export const obsolete: Verb = { usage: '', step: (session) => session.refuse(replies.notImplemented) };

/** QUIT (RFC 5321 §4.1.1.10). */
export const quit: Verb = {
  beforeHello: true,
  beforeTls: true,
  noArgument: true,
  usage: 'QUIT',
  step(session) {
    session.dropTransaction('disconnected');
    session.tell({ type: 'quit' });
    session.reply(smtpReply(221, '2.0.0', `${session.options.hostname} closing`));
    session.close();
  },
};

/** HELP (RFC 5321 §4.1.1.8). */
/* @__NO_SIDE_EFFECTS__ */
export function help(usages: () => readonly string[]): Verb {
  return {
    beforeHello: true,
    usage: 'HELP',
    step(session) {
      const foreign = session.options.mode === 'lmtp' ? /^(?:EHLO|HELO) / : /^LHLO /;
      const own = usages().filter((usage) => !foreign.test(usage));
      session.reply(smtpReply(214, '2.0.0', ['Commands:', ...own, 'See RFC 5321']));
    },
  };
}
