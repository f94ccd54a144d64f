import { fromUtf8, toUtf8Strict } from '@mox/runtime';
import { requestedIdentity } from './client-credentials.ts';
import { type ClientScript, clientMachine, concluded, respond } from './client-script.ts';
import type { SaslClientMechanism, SaslServerMechanism } from './mechanism.ts';
import { prepare } from './prepare.ts';
import type { SaslClientCredentials } from './sasl-client.ts';
import type { SaslServerOptions } from './sasl-server.ts';
import { authenticated, failed, malformed, refused } from './server-outcome.ts';
import { ask, challenge, type ServerScript, serverMachine } from './server-script.ts';

const name = 'EXTERNAL';

function* serve(options: SaslServerOptions, initial: Uint8Array | undefined): ServerScript {
  const text = toUtf8Strict(initial ?? (yield* challenge(new Uint8Array(0))));
  const authzid = text === '' || text === undefined ? text : prepare(text);
  if (authzid === undefined) return malformed('the authorization identity is no UTF-8, or SASLprep refuses it');
  const certificate = options.tls?.peerCertificate;
  if (!certificate) return failed('invalid-credentials', 'the client sent no TLS certificate');
  const lookup = { type: 'external', mechanism: name, certificate, ...(authzid === '' ? {} : { authzid }) } as const;
  const answer = yield* ask(lookup);
  if (answer.type !== 'accepted') return refused(answer, lookup);
  if (answer.authcid === undefined) return failed('invalid-credentials', 'nobody is known by this certificate');
  return yield* authenticated(options, { mechanism: name, authcid: answer.authcid, authzid });
}

function* converse(credentials: SaslClientCredentials): ClientScript {
  return concluded(yield* respond(fromUtf8(requestedIdentity(credentials) ?? '')));
}

/** EXTERNAL for servers (RFC 4422 appendix A): the client's TLS certificate says who it is. */
export const externalServer: SaslServerMechanism = {
  name,
  available: ({ tls }) => tls?.peerCertificate !== undefined,
  create: (options) => serverMachine(name, options, (initial) => serve(options, initial)),
};

/** EXTERNAL for clients (RFC 4422 appendix A). */
export const externalClient: SaslClientMechanism = {
  name,
  usable: ({ credentials }) => credentials.external === true,
  create: ({ credentials }) => clientMachine(name, converse(credentials)),
};
