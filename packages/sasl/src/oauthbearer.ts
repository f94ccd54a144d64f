import { emptyBytes } from '@mox/runtime';
import { sendable } from './client-credentials.ts';
import { type ClientScript, clientMachine } from './client-script.ts';
import { formatSaslName, parseGs2Header } from './gs2.ts';
import type { OauthError, SaslLookup } from './lookup.ts';
import type { SaslClientMechanism, SaslServerMechanism } from './mechanism.ts';
import { converseToken, explain, parseBearer, serveToken, splitFields } from './oauth.ts';
import { prepare } from './prepare.ts';
import type { SaslClientOptions } from './sasl-client.ts';
import type { SaslServerOptions } from './sasl-server.ts';
import { failed, malformed } from './server-outcome.ts';
import { challenge, type ServerScript, serverMachine } from './server-script.ts';

// deviates RFC 7628 §3.3: there is OAUTHBEARER alone, no OAUTH10A: nobody issues OAuth 1.0a tokens for mail any more.
const name = 'OAUTHBEARER';

/** RFC 7628 §3.1: `kvpair`. */
const pairSyntax = /^[A-Za-z]+=[\t\n\r\x20-\x7e]*$/;
/** Keys with a meaning. Others are passed over, those reserved in RFC 7628 §3.1.1 among them. */
const knownKeys: ReadonlySet<string> = new Set(['auth', 'host', 'port']);

/** The client's message, taken apart. */
interface ClientMessage {
  readonly authzid?: string;
  /** By key; a known key that is there twice is listed in `repeated`. */
  readonly values: ReadonlyMap<string, string>;
  readonly repeated?: string;
}

/** A message that is in the syntax, and cannot be served; the client is told by a status (RFC 6750 §3.1). */
interface Unservable {
  readonly problem: string;
  readonly status: 'invalid_request' | 'invalid_token';
}

/** The client's message (RFC 7628 §3.1), or what is wrong with it. */
function parseMessage(message: Uint8Array): ClientMessage | string {
  const [gs2, ...pairs] = splitFields(message) ?? [];
  if (gs2 === undefined) return 'not a GS2 header and pairs, each closed by U+0001';
  const header = parseGs2Header(gs2);
  if (!header || header.length !== gs2.length) return 'the GS2 header is malformed';
  if (header.flag === 'p') return 'OAUTHBEARER binds no channel';
  const values = new Map<string, string>();
  let repeated: string | undefined;
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1 || !pairSyntax.test(pair)) return 'a pair is not a key of letters, = and a value of visible ASCII';
    const key = pair.slice(0, at);
    if (!knownKeys.has(key)) continue;
    if (values.has(key)) repeated = key;
    values.set(key, pair.slice(at + 1));
  }
  const authzid = header.authzid === undefined ? undefined : prepare(header.authzid);
  if (header.authzid !== undefined && authzid === undefined) return 'SASLprep refuses the authorization identity';
  return { values, ...(authzid === undefined ? {} : { authzid }), ...(repeated === undefined ? {} : { repeated }) };
}

/** A port: a decimal number from 1 on, without leading zeros (RFC 7628 §3.1). */
function parsePort(text: string): number | undefined {
  const port = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 65_536;
  return port <= 65_535 ? port : undefined;
}

function isKnownHost(host: string, hosts: readonly string[]): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/\.$/, '');
  return hosts.some((known) => plain(known) === plain(host));
}

/** What to ask the directory; or why not. The host and the port that the client names are compared with what is known (RFC 7628 §3.2). */
function toLookup(message: ClientMessage, { endpoint }: SaslServerOptions): Extract<SaslLookup, { readonly type: 'oauth' }> | Unservable {
  const { values, authzid, repeated } = message;
  if (repeated !== undefined) return { status: 'invalid_request', problem: `the key ${repeated} is there twice` };
  const [auth, host, portText] = [values.get('auth') ?? '', values.get('host'), values.get('port')];
  const port = portText === undefined ? undefined : parsePort(portText);
  if (portText !== undefined && port === undefined) return { status: 'invalid_request', problem: 'the port is no number' };
  if (host !== undefined && endpoint?.hosts && !isKnownHost(host, endpoint.hosts))
    return { status: 'invalid_request', problem: `the client believes to talk to the host ${host}` };
  if (port !== undefined && endpoint?.port !== undefined && port !== endpoint.port)
    return { status: 'invalid_request', problem: `the client believes to talk to the port ${port}` };
  // RFC 7628 §4.3: a client without a token asks which would do.
  if (auth === '') return { status: 'invalid_token', problem: 'no token' };
  const token = parseBearer(auth);
  if (!token) return { status: 'invalid_request', problem: 'not a bearer token' };
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
  const message = parseMessage(initial ?? (yield* challenge(emptyBytes)));
  if (typeof message === 'string') return malformed(message);
  const lookup = toLookup(message, options);
  if ('type' in lookup) return yield* serveToken(options, lookup, report);
  const { authzid } = message;
  const advice = options.oauth?.(authzid === undefined ? {} : { authzid }) ?? {};
  return yield* explain(failed('invalid-credentials', lookup.problem), report({ ...advice, status: lookup.status }));
}

function* converse({ credentials, host, port }: SaslClientOptions): ClientScript {
  const user = credentials.authzid || credentials.username;
  const token = sendable(credentials.token?.reveal() ?? '', 'the token');
  const pairs = [
    `n,${user ? `a=${formatSaslName(sendable(user, 'the user name'))}` : ''},`,
    ...(host === undefined ? [] : [`host=${sendable(host, 'the host')}`]),
    ...(port === undefined ? [] : [`port=${port}`]),
    // RFC 7628 §4.3: an empty one asks which token would do.
    token === '' ? 'auth=' : `auth=Bearer ${token}`,
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
