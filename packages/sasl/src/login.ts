import { fromUtf8, Secret, toUtf8Strict } from '@mox/runtime';
import { hasPassword, preparedPassword } from './client-credentials.ts';
import { type ClientScript, clientMachine, concluded, listen, respond, tooEarly } from './client-script.ts';
import type { SaslClientMechanism, SaslServerMechanism } from './mechanism.ts';
import { prepare } from './prepare.ts';
import type { SaslClientCredentials } from './sasl-client.ts';
import type { SaslServerOptions } from './sasl-server.ts';
import { authenticated, malformed, refused } from './server-outcome.ts';
import { ask, challenge, type ServerScript, serverMachine } from './server-script.ts';

// LOGIN was never standardized: the words of the challenges are those that most clients were tested with.
const name = 'LOGIN';
const usernameChallenge = /* @__PURE__ */ fromUtf8('Username:');
const passwordChallenge = /* @__PURE__ */ fromUtf8('Password:');

function preparedField(bytes: Uint8Array): string | undefined {
  const text = toUtf8Strict(bytes);
  return text === undefined ? undefined : prepare(text);
}

function* serve(options: SaslServerOptions, initial: Uint8Array | undefined): ServerScript {
  // Dovecot's proxy sends an empty initial response, and waits to be asked: there is no empty name.
  const named = initial && initial.length > 0 ? initial : yield* challenge(usernameChallenge);
  const authcid = preparedField(named);
  const password = preparedField(yield* challenge(passwordChallenge));
  if (authcid === undefined || password === undefined) return malformed('a name or password that is no UTF-8, or that SASLprep refuses');
  const lookup = { type: 'password', mechanism: name, authcid, password: new Secret(password) } as const;
  const answer = yield* ask(lookup);
  if (answer.type !== 'accepted') return refused(answer, lookup, authcid);
  return yield* authenticated(options, { mechanism: name, authcid: answer.authcid ?? authcid });
}

function* converse(credentials: SaslClientCredentials): ClientScript {
  const { username, password } = preparedPassword(credentials);
  if ((yield* listen()).type === 'end') return tooEarly();
  if ((yield* respond(fromUtf8(username))).type === 'end') return tooEarly();
  return concluded(yield* respond(password));
}

/** LOGIN for servers: a name, then a password, for clients that know nothing better. */
export const loginServer: SaslServerMechanism = {
  name,
  plaintext: true,
  create: (options) => serverMachine(name, options, (initial) => serve(options, initial)),
};

/** LOGIN for clients: for servers that know nothing better. It cannot act as somebody else. */
export const loginClient: SaslClientMechanism = {
  name,
  plaintext: true,
  usable: ({ credentials }) => hasPassword(credentials) && !credentials.authzid,
  create: ({ credentials }) => clientMachine(name, converse(credentials)),
};
