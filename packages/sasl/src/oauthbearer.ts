import { sendable } from './client-credentials.ts';
import { type ClientScript, clientMachine } from './client-script.ts';
import { formatSaslName, parseGs2Header } from './gs2.ts';
import type { OauthError, SaslLookup } from './lookup.ts';
import type { SaslClientMechanism, SaslServerMechanism } from './mechanism.ts';
import { converseToken, parseBearer, serveToken, splitFields } from './oauth.ts';
import { prepare } from './prepare.ts';
import type { SaslClientOptions } from './sasl-client.ts';
import type { SaslServerOptions } from './sasl-server.ts';
import { malformed } from './server-outcome.ts';
import { challenge, type ServerScript, serverMachine } from './server-script.ts';

const name = 'OAUTHBEARER';

/** RFC 7628 §3.1: `kvpair`. */
const pairSyntax = /^[A-Za-z]+=[\t\n\r\x20-\x7e]*$/;

function parsePort(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : undefined;
}

/** The client's message (RFC 7628 §3.1), or what is wrong with it. Unknown keys are passed over; of a key said twice the first counts. */
function parseMessage(message: Uint8Array): Extract<SaslLookup, { readonly type: 'oauth' }> | string {
  const [gs2, ...pairs] = splitFields(message) ?? [];
  if (gs2 === undefined) return 'not a GS2 header and pairs, each closed by U+0001';
  const header = parseGs2Header(gs2);
  if (!header || header.length !== gs2.length) return 'the GS2 header is malformed';
  if (header.flag === 'p') return 'OAUTHBEARER binds no channel';
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1 || !pairSyntax.test(pair)) return 'a pair is not a key of letters, = and a value of visible ASCII';
    if (!values.has(pair.slice(0, at))) values.set(pair.slice(0, at), pair.slice(at + 1));
  }
  const token = parseBearer(values.get('auth'));
  if (!token) return 'no bearer token';
  const authzid = header.authzid === undefined ? undefined : prepare(header.authzid);
  if (header.authzid !== undefined && authzid === undefined) return 'SASLprep refuses the authorization identity';
  const host = values.get('host');
  const port = parsePort(values.get('port'));
  return {
    type: 'oauth',
    mechanism: name,
    token,
    ...(authzid === undefined ? {} : { authzid }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  };
}

function report(error: OauthError): object {
  return { status: error.status ?? 'invalid_token', scope: error.scope, 'openid-configuration': error.openidConfiguration };
}

function* serve(options: SaslServerOptions, initial: Uint8Array | undefined): ServerScript {
  const lookup = parseMessage(initial ?? (yield* challenge(new Uint8Array(0))));
  return typeof lookup === 'string' ? malformed(lookup) : yield* serveToken(options, lookup, report);
}

function* converse({ credentials, host, port }: SaslClientOptions): ClientScript {
  const user = credentials.authzid || credentials.username;
  const pairs = [
    `n,${user ? `a=${formatSaslName(sendable(user, 'the user name'))}` : ''},`,
    ...(host === undefined ? [] : [`host=${sendable(host, 'the host')}`]),
    ...(port === undefined ? [] : [`port=${port}`]),
    `auth=Bearer ${sendable(credentials.token?.reveal() ?? '', 'the token')}`,
  ];
  return yield* converseToken(`${pairs.join('\x01')}\x01\x01`, Uint8Array.of(1));
}

/** OAUTHBEARER for servers (RFC 7628). */
export const oauthbearerServer: SaslServerMechanism = {
  name,
  plaintext: true,
  create: (options) => serverMachine(name, options, (initial) => serve(options, initial)),
};

/** OAUTHBEARER for clients (RFC 7628). */
export const oauthbearerClient: SaslClientMechanism = {
  name,
  plaintext: true,
  usable: ({ credentials }) => credentials.token !== undefined,
  create: (options) => clientMachine(name, converse(options)),
};
