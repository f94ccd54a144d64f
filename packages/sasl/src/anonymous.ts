import { fromUtf8, toUtf8Strict } from '@mox/runtime';
import { type ClientScript, clientMachine, concluded, respond } from './client-script.ts';
import type { SaslClientMechanism, SaslServerMechanism } from './mechanism.ts';
import type { SaslServerOptions } from './sasl-server.ts';
import { authenticated, malformed, refused } from './server-outcome.ts';
import { ask, challenge, type ServerScript, serverMachine } from './server-script.ts';

const name = 'ANONYMOUS';
/** RFC 4505 §2: a token has up to 255 characters. */
const maxTraceCharacters = 255;

/**
 * What the "trace" profile of stringprep prohibits (RFC 4505 §3): controls, private use, non-characters, tags, and what changes the display.
 * deviates RFC 4505 §3: characters of both directions may be mixed; where traces are shown, they are shown by themselves.
 */
const prohibited =
  /[\p{Cc}\p{Co}\p{Noncharacter_Code_Point}\u0340\u0341\u06dd\u070f\u180e\u200c-\u200f\u2028-\u202e\u2060-\u2063\u206a-\u206f\ufeff\ufff9-\ufffd\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/u;

function isTrace(text: string): boolean {
  // No character takes more than two UTF-16 units: what is longer need not be counted.
  return text.length <= 2 * maxTraceCharacters && [...text].length <= maxTraceCharacters && !prohibited.test(text);
}

function* serve(options: SaslServerOptions, initial: Uint8Array | undefined): ServerScript {
  const trace = toUtf8Strict(initial ?? (yield* challenge(new Uint8Array(0))));
  if (trace === undefined || !isTrace(trace)) return malformed('not trace information of up to 255 characters');
  const lookup = { type: 'anonymous', mechanism: name, trace } as const;
  const answer = yield* ask(lookup);
  if (answer.type !== 'accepted') return refused(answer, lookup);
  return yield* authenticated(options, { mechanism: name, authcid: answer.authcid ?? 'anonymous' });
}

function* converse(trace: string): ClientScript {
  return concluded(yield* respond(fromUtf8(trace)));
}

/** ANONYMOUS for servers (RFC 4505). */
export const anonymousServer: SaslServerMechanism = {
  name,
  create: (options) => serverMachine(name, options, (initial) => serve(options, initial)),
};

/** ANONYMOUS for clients (RFC 4505). */
export const anonymousClient: SaslClientMechanism = {
  name,
  usable: ({ credentials }) => credentials.anonymous !== undefined,
  create: ({ credentials }) => clientMachine(name, converse(credentials.anonymous ?? '')),
};
