import { decodeBase64, encodeBase64 } from '@mox/encoding';
import { chooseMechanism, createSaslClient, type SaslClient, type SaslClientOptions, type SaslClientStep } from '@mox/sasl';
import { type ClientContext, type Failure, readReply, type Script } from './client-script.ts';
import type { SmtpReply } from './reply.ts';

/** Longest AUTH line that may carry an initial response (RFC 4954 §4). */
const longestCommand = 510;

function failure(message: string, reply?: SmtpReply): Failure {
  const problem = { code: 'authentication-failed', message, enhanced: reply?.enhanced ?? '5.7.8' } as const;
  return reply ? { problem, reply } : { problem };
}

function saslOptions({ options, capabilities, tls }: ClientContext): SaslClientOptions {
  const { credentials = {}, host, port, plaintextWithoutTls = false } = options;
  return {
    credentials,
    announced: capabilities.get('AUTH') ?? [],
    plaintextWithoutTls,
    ...(tls ? { tls } : {}),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  };
}

/** Sends AUTH. Returns the initial response where the line has no room for it: it answers the first challenge. */
function sayAuth(context: ClientContext, client: SaslClient): Uint8Array | undefined {
  const initial = client.start();
  const command = `AUTH ${client.mechanism}`;
  if (!initial) context.say(command);
  else {
    // RFC 4954 §4: "=" for a response of length zero.
    const line = `${command} ${initial.length === 0 ? '=' : encodeBase64(initial)}`;
    if (line.length > longestCommand) {
      context.say(command);
      return initial;
    }
    context.say(line);
  }
  return undefined;
}

function* settle(step: SaslClientStep, client: SaslClient): Script<SaslClientStep> {
  let next = step;
  while (next.type === 'lookup') {
    const resumed = yield { type: 'lookup', lookup: next.lookup };
    if (resumed.type !== 'lookup') throw new TypeError(`an answer was waited for, ${resumed.type} came`);
    next = client.answer(resumed.answer);
  }
  return next;
}

/** Gives up in the middle of an exchange (RFC 4954 §4). */
function* cancel(context: ClientContext, seconds: number, message: string): Script<Failure> {
  context.say('*');
  return failure(message, yield* readReply(seconds));
}

function* exchange(context: ClientContext, client: SaslClient, seconds: number): Script<Failure | undefined> {
  let held = sayAuth(context, client);
  for (;;) {
    const reply = yield* readReply(seconds);
    if (reply.code === 235) {
      const outcome = client.finish();
      return outcome.type === 'success' ? undefined : failure(outcome.problem);
    }
    if (reply.code !== 334) return failure('the server refused the login', reply);
    const challenge = decodeBase64(typeof reply.text === 'string' ? reply.text.trim() : '');
    if (!challenge.ok) return yield* cancel(context, seconds, 'a challenge of the server is not base64');
    if (held) {
      context.say(encodeBase64(held));
      held = undefined;
      continue;
    }
    const step = yield* settle(client.step(challenge.value), client);
    if (step.type !== 'response')
      return yield* cancel(context, seconds, step.type === 'failure' ? step.problem : 'the exchange went wrong');
    context.say(encodeBase64(step.data));
  }
}

/** Logs in (RFC 4954). Undefined where that went well. */
export function* authenticate(context: ClientContext, seconds: number): Script<Failure | undefined> {
  const options = saslOptions(context);
  const mechanism = chooseMechanism(options);
  const client = mechanism === undefined ? undefined : createSaslClient(mechanism, options);
  if (client) return yield* exchange(context, client, seconds);
  const message = `the server offers no mechanism that the credentials can serve: ${options.announced.join(' ') || 'none'}`;
  return { problem: { code: 'no-mechanism', message, enhanced: '5.7.4' } };
}
