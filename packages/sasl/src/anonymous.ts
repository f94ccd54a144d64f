import { fromUtf8, toUtf8Strict } from '@mox/runtime';
import { type ClientScript, clientMachine, concluded, respond } from './client-script.ts';
import type { SaslClientMechanism, SaslServerMechanism } from './mechanism.ts';
import type { SaslServerOptions } from './sasl-server.ts';
import { authenticated, malformed, refused } from './server-outcome.ts';
import { ask, challenge, type ServerScript, serverMachine } from './server-script.ts';

const name = 'ANONYMOUS';
/** RFC 4505 §2: a token has up to 255 characters. */
const maxTraceCharacters = 255;

function* serve(options: SaslServerOptions, initial: Uint8Array | undefined): ServerScript {
  const trace = toUtf8Strict(initial ?? (yield* challenge(new Uint8Array(0))));
  if (trace === undefined || trace.length > 4 * maxTraceCharacters || [...trace].length > maxTraceCharacters || /\p{Cc}/u.test(trace))
    return malformed('trace information is UTF-8 of up to 255 characters, no control among them');
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
