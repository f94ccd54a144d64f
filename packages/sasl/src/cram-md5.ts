import { concatBytes, fromUtf8, hmac, Secret, systemRandom, timingSafeEqual, toHex, toUtf8Strict } from '@mox/runtime';
import { hasPassword, preparedPassword } from './client-credentials.ts';
import { type ClientScript, clientMachine, concluded, listen, respond, tooEarly } from './client-script.ts';
import type { SaslAnswer } from './lookup.ts';
import type { SaslClientMechanism, SaslServerMechanism } from './mechanism.ts';
import { prepare } from './prepare.ts';
import type { SaslClientCredentials } from './sasl-client.ts';
import type { SaslServerOptions } from './sasl-server.ts';
import { authenticated, failed, malformed, refused } from './server-outcome.ts';
import { ask, challenge, type ServerScript, serverMachine } from './server-script.ts';

const name = 'CRAM-MD5';
const nobody = /* @__PURE__ */ new Secret('nobody');

/** The digest of a challenge under a password (RFC 2195 §2). The password is taken as prepared by SASLprep. */
export function cramMd5Digest(password: Secret, challengeBytes: Uint8Array): Uint8Array {
  return hmac('md5', fromUtf8(prepare(password.reveal()) ?? ''), challengeBytes);
}

function makeChallenge(options: SaslServerOptions): Uint8Array {
  // RFC 2195 §2: in the form of a message identifier; all of it random, as the time in it would help nobody.
  const random = (options.random ?? systemRandom).bytes(16);
  return fromUtf8(`<${toHex(random.subarray(0, 8))}.${toHex(random.subarray(8))}@${options.hostname ?? 'localhost'}>`);
}

function parseResponse(response: Uint8Array): { readonly authcid: string; readonly digest: Uint8Array } | undefined {
  const text = toUtf8Strict(response);
  const space = text?.lastIndexOf(' ') ?? -1;
  const authcid = text === undefined || space < 1 ? undefined : prepare(text.slice(0, space));
  const digits = text?.slice(space + 1) ?? '';
  if (authcid === undefined || !/^[0-9a-f]{32}$/.test(digits)) return undefined;
  return { authcid, digest: fromUtf8(digits) };
}

function expectedDigest(answer: SaslAnswer, challengeBytes: Uint8Array): Uint8Array | undefined {
  if (answer.type === 'shared-secret') return cramMd5Digest(answer.secret, challengeBytes);
  return answer.type === 'cram-md5' ? answer.digest : undefined;
}

function* serve(options: SaslServerOptions, initial: Uint8Array | undefined): ServerScript {
  if (initial !== undefined) return malformed('the server speaks first in CRAM-MD5');
  const sent = makeChallenge(options);
  const response = parseResponse(yield* challenge(sent));
  if (!response) return malformed('not a name, a space and 32 hexadecimal digits in lower case');
  const { authcid, digest } = response;
  const lookup = { type: 'cram-md5', mechanism: name, authcid, challenge: sent } as const;
  const answer = yield* ask(lookup);
  const expected = expectedDigest(answer, sent);
  if (!expected) {
    // The same work as for a name that is known, so that the time of the answer does not tell.
    cramMd5Digest(nobody, sent);
    return refused(answer, lookup, authcid);
  }
  if (!timingSafeEqual(fromUtf8(toHex(expected)), digest)) return failed('invalid-credentials', 'the digest is another', authcid);
  const canonical = 'authcid' in answer ? answer.authcid : undefined;
  return yield* authenticated(options, { mechanism: name, authcid: canonical ?? authcid });
}

function* converse(credentials: SaslClientCredentials): ClientScript {
  const { username, password } = preparedPassword(credentials);
  const heard = yield* listen();
  if (heard.type === 'end') return tooEarly();
  const digest = fromUtf8(toHex(hmac('md5', password, heard.data)));
  return concluded(yield* respond(concatBytes([fromUtf8(`${username} `), digest])));
}

/** CRAM-MD5 for servers (RFC 2195), which need the password itself for it. */
export const cramMd5Server: SaslServerMechanism = {
  name,
  create: (options) => serverMachine(name, options, (initial) => serve(options, initial)),
};

/** CRAM-MD5 for clients (RFC 2195). It cannot act as somebody else. */
export const cramMd5Client: SaslClientMechanism = {
  name,
  usable: ({ credentials }) => hasPassword(credentials) && !credentials.authzid,
  create: ({ credentials }) => clientMachine(name, converse(credentials)),
};
