// STARTTLS (RFC 3207). How the client goes about it is in client-opening.ts.
import type { ClientExtension, ServerExtension } from '../extension.ts';
import { replies } from '../replies.ts';
import type { Verb } from '../server-context.ts';

const starttls: Verb = {
  beforeTls: true,
  noArgument: true,
  usage: 'STARTTLS',
  step(session) {
    if (session.tls || session.login) return session.refuse(replies.badSequence);
    if (!session.options.tlsAvailable) return session.refuse(replies.tlsUnavailable);
    session.dropTransaction('starttls');
    session.startTls();
  },
};

export const startTlsServer: ServerExtension = {
  keyword: 'STARTTLS',
  // RFC 3207 §4.2: not offered once TLS is there.
  announce: (session) => (session.options.tlsAvailable && !session.tls && !session.login ? 'STARTTLS' : undefined),
  verbs: { STARTTLS: starttls },
};

export const startTlsClient: ClientExtension = { keyword: 'STARTTLS' };
