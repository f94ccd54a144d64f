import { emptyBytes } from '@mox/runtime';
import { sendable } from './client-credentials.ts';
import { type ClientScript, clientMachine } from './client-script.ts';
import type { OauthError } from './lookup.ts';
import type { SaslClientMechanism, SaslServerMechanism } from './mechanism.ts';
import { converseToken, parseBearer, serveToken, splitFields } from './oauth.ts';
import { prepare } from './prepare.ts';
import type { SaslClientCredentials } from './sasl-client.ts';
import type { SaslServerOptions } from './sasl-server.ts';
import { malformed } from './server-outcome.ts';
import { challenge, type ServerScript, serverMachine } from './server-script.ts';

// XOAUTH2 came before OAUTHBEARER and is what the large providers' clients speak: the same token, in a simpler frame.
const name = 'XOAUTH2';

function report(error: OauthError): object {
  return { status: error.status ?? '401', schemes: 'bearer', scope: error.scope };
}

function* serve(options: SaslServerOptions, initial: Uint8Array | undefined): ServerScript {
  const fields = splitFields(initial ?? (yield* challenge(emptyBytes))) ?? [];
  const [user = '', auth = ''] = fields;
  const authzid = user.startsWith('user=') ? prepare(user.slice(5)) : undefined;
  const token = auth.startsWith('auth=') ? parseBearer(auth.slice(5)) : undefined;
  if (authzid === undefined || token === undefined || fields.length !== 2) return malformed('not user= and auth=Bearer, closed by U+0001');
  return yield* serveToken(options, { type: 'oauth', mechanism: name, authzid, token }, report);
}

/** XOAUTH2 for servers. */
export const xoauth2Server: SaslServerMechanism = {
  name,
  plaintext: true,
  create: (options) => serverMachine(name, options, (initial) => serve(options, initial)),
};

function* converse(credentials: SaslClientCredentials): ClientScript {
  const user = sendable(credentials.authzid || credentials.username || '', 'the user name');
  const token = sendable(credentials.token?.reveal() ?? '', 'the token');
  return yield* converseToken(`user=${user}\x01auth=Bearer ${token}\x01\x01`, emptyBytes);
}

/** XOAUTH2 for clients. */
export const xoauth2Client: SaslClientMechanism = {
  name,
  plaintext: true,
  usable: ({ credentials }) => Boolean(credentials.token?.reveal() && (credentials.authzid || credentials.username)),
  create: ({ credentials }) => clientMachine(name, converse(credentials)),
};
