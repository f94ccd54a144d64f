import { fromUtf8, Secret, toUtf8Strict } from '@mox/runtime';
import { type ClientScript, concluded, respond } from './client-script.ts';
import type { OauthError, SaslLookup } from './lookup.ts';
import { parseOauthError } from './oauth-error.ts';
import type { SaslFailure, SaslServerOptions } from './sasl-server.ts';
import { authenticated, failed, refused } from './server-outcome.ts';
import { ask, challenge, type ServerScript } from './server-script.ts';

type OauthLookup = Extract<SaslLookup, { readonly type: 'oauth' }>;

/** How a mechanism writes an error. */
export type OauthReport = (error: OauthError) => object;

/** Parts of a message that are closed by U+0001 (RFC 7628 §3.1, kvsep), the last of them empty; undefined where it has no such end. */
export function splitFields(message: Uint8Array): string[] | undefined {
  const text = toUtf8Strict(message);
  if (text === undefined || !text.endsWith('\x01\x01')) return undefined;
  return text.slice(0, -2).split('\x01');
}

/** The token of a `Bearer` credential (RFC 6750 §2.1): b64token, the scheme's name in any case (RFC 7235 §2.1). */
export function parseBearer(value: string | undefined): Secret | undefined {
  const space = value?.indexOf(' ') ?? -1;
  if (value === undefined || space < 0 || value.slice(0, space).toLowerCase() !== 'bearer') return undefined;
  const token = value.slice(space).trim();
  // deviates RFC 6750 §2.1: other visible characters than those of b64token pass; issuers have used them.
  return /^[\x21-\x7e]+$/.test(token) ? new Secret(token) : undefined;
}

/** Tells the client why it is refused, and waits for its empty word (RFC 7628 §3.2.3), whatever that is: the exchange has failed. */
export function* explain(outcome: SaslFailure, error: object): ServerScript {
  yield* challenge(fromUtf8(JSON.stringify(error)));
  return outcome;
}

/** The server's part that is the same in OAUTHBEARER and XOAUTH2: whose is the token? */
export function* serveToken(options: SaslServerOptions, lookup: OauthLookup, report: OauthReport): ServerScript {
  const { authzid } = lookup;
  const advice = options.oauth?.(authzid === undefined ? {} : { authzid }) ?? {};
  const answer = yield* ask(lookup);
  if (answer.type === 'refused') return yield* explain(refused(answer, lookup), report({ ...advice, ...answer.oauth }));
  if (answer.type !== 'accepted') return refused(answer, lookup);
  // A service that accepts a token without saying whose it is believes what the client wrote beside it.
  const authcid = answer.authcid ?? authzid;
  if (authcid === undefined) return yield* explain(failed('invalid-credentials', 'nobody is known by this token'), report(advice));
  const outcome = yield* authenticated(options, { mechanism: lookup.mechanism, authcid, authzid });
  return outcome.type === 'failure' && outcome.reason === 'not-authorized' ? yield* explain(outcome, report(advice)) : outcome;
}

function problemOf(challengeData: Uint8Array): string {
  const text = toUtf8Strict(challengeData.subarray(0, 1000)) ?? '';
  return `the server refuses the token: ${text}`;
}

/** The client's part that is the same in both: the token, and a last word where it is refused (RFC 7628 §3.2.3). */
export function* converseToken(message: string, lastWord: Uint8Array): ClientScript {
  const heard = yield* respond(fromUtf8(message));
  if (heard.type === 'end') return concluded(heard);
  const oauth = parseOauthError(heard.data);
  const refusal = { problem: problemOf(heard.data), ...(oauth && { oauth }) };
  yield* respond(lastWord, refusal);
  return { type: 'failure', reason: 'refused', ...refusal };
}
