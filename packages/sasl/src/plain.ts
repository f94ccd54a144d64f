import { concatBytes, fromUtf8, Secret, toUtf8Strict } from '@mox/runtime';
import { hasPassword, preparedPassword, requestedIdentity } from './client-credentials.ts';
import { type ClientScript, clientMachine, concluded, respond } from './client-script.ts';
import type { SaslClientMechanism, SaslServerMechanism } from './mechanism.ts';
import { prepare } from './prepare.ts';
import type { SaslClientCredentials } from './sasl-client.ts';
import type { SaslServerOptions } from './sasl-server.ts';
import { authenticated, malformed, refused } from './server-outcome.ts';
import { ask, challenge, type ServerScript, serverMachine } from './server-script.ts';

const name = 'PLAIN';
const nul = Uint8Array.of(0);

/** The three strings of a PLAIN message as they were sent (RFC 4616 §2), or undefined where it is none. */
export function parsePlainMessage(
  message: Uint8Array,
): { readonly authzid: string; readonly authcid: string; readonly password: Secret } | undefined {
  const parts = toUtf8Strict(message)?.split('\0', 4);
  const [authzid, authcid, password] = parts ?? [];
  if (parts?.length !== 3 || authzid === undefined || !authcid || !password) return undefined;
  return { authzid, authcid, password: new Secret(password) };
}

function* serve(options: SaslServerOptions, initial: Uint8Array | undefined): ServerScript {
  const message = parsePlainMessage(initial ?? (yield* challenge(new Uint8Array(0))));
  if (!message) return malformed('not [authzid] NUL authcid NUL passwd in UTF-8');
  // RFC 4616 §2: what cannot be prepared, or is empty then, fails.
  const authcid = prepare(message.authcid);
  const password = prepare(message.password.reveal());
  const authzid = message.authzid === '' ? '' : prepare(message.authzid);
  if (authcid === undefined || password === undefined || authzid === undefined) return malformed('SASLprep refuses a name or the password');
  const lookup = { type: 'password', mechanism: name, authcid, password: new Secret(password) } as const;
  const answer = yield* ask(lookup);
  if (answer.type !== 'accepted') return refused(answer, lookup, authcid);
  return yield* authenticated(options, { mechanism: name, authcid: answer.authcid ?? authcid, presented: authcid, authzid });
}

function* converse(credentials: SaslClientCredentials): ClientScript {
  const { username, password } = preparedPassword(credentials);
  const message = concatBytes([fromUtf8(requestedIdentity(credentials) ?? ''), nul, fromUtf8(username), nul, password]);
  return concluded(yield* respond(message));
}

/** PLAIN for servers (RFC 4616). */
export const plainServer: SaslServerMechanism = {
  name,
  plaintext: true,
  create: (options) => serverMachine(name, options, (initial) => serve(options, initial)),
};

/** PLAIN for clients (RFC 4616). */
export const plainClient: SaslClientMechanism = {
  name,
  plaintext: true,
  usable: ({ credentials }) => hasPassword(credentials),
  create: ({ credentials }) => clientMachine(name, converse(credentials)),
};
