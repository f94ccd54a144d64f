import { Capabilities } from './capabilities.ts';
import { authenticate } from './client-authentication.ts';
import { type ClientContext, type Failure, readReply, type Script } from './client-script.ts';
import { isPositive, type SmtpReply } from './reply.ts';

/** How the opening ended. */
export type Opening = { readonly ok: true; readonly greeting: SmtpReply } | ({ readonly ok: false } & Failure);

function refused(what: string, reply: SmtpReply): Opening {
  const enhanced = reply.enhanced ?? (reply.code < 500 ? '4.0.0' : '5.0.0');
  return { ok: false, problem: { code: 'refused', message: `the server refused ${what}`, enhanced }, reply };
}

/** EHLO, or HELO where the server does not know it (RFC 5321 §3.2), or LHLO (RFC 2033 §4.1). The reply that counts. */
function* sayHello(context: ClientContext, seconds: number): Script<SmtpReply> {
  const { hostname, protocol = 'smtp' } = context.options;
  context.say(`${protocol === 'lmtp' ? 'LHLO' : 'EHLO'} ${hostname}`);
  const reply = yield* readReply(seconds);
  context.capabilities = new Capabilities(isPositive(reply) ? reply : undefined, context.tls);
  if (isPositive(reply) || protocol === 'lmtp' || reply.code < 500) return reply;
  context.say(`HELO ${hostname}`);
  return yield* readReply(seconds);
}

/** STARTTLS (RFC 3207 §4). Undefined where the session goes on: under TLS, or without it where that is allowed. */
function* upgrade(context: ClientContext, seconds: number): Script<Opening | undefined> {
  const { startTls = 'opportunistic' } = context.options;
  if (context.tls || startTls === 'never') return undefined;
  if (!context.capabilities.get('STARTTLS')) {
    if (startTls === 'opportunistic') return undefined;
    const message = 'TLS is required, and the server does not offer STARTTLS';
    return { ok: false, problem: { code: 'not-offered', extension: 'STARTTLS', message, enhanced: '5.7.10' } };
  }
  context.say('STARTTLS');
  const reply = yield* readReply(seconds);
  if (reply.code !== 220) return startTls === 'required' ? refused('STARTTLS', reply) : undefined;
  // RFC 3207 §6: what came in clear text behind the reply may have been put there by somebody else.
  context.discardInput();
  context.startTls();
  const resumed = yield { type: 'tls' };
  if (resumed.type !== 'tls') throw new TypeError(`TLS was waited for, ${resumed.type} came`);
  context.tls = resumed.tls;
  // RFC 3207 §4.2: what was announced in clear text does not count.
  const hello = yield* sayHello(context, seconds);
  return isPositive(hello) ? undefined : refused('EHLO', hello);
}

/** From the greeting to where a message can be sent (RFC 5321 §3.1, §3.2). */
export function* open(context: ClientContext): Script<Opening> {
  const { timeouts = {}, credentials } = context.options;
  const seconds = timeouts.commandSeconds ?? 300;
  const greeting = yield* readReply(timeouts.greetingSeconds ?? 300);
  if (greeting.code !== 220) return refused('the connection', greeting);
  const hello = yield* sayHello(context, seconds);
  if (!isPositive(hello)) return refused('EHLO', hello);
  const upgraded = yield* upgrade(context, seconds);
  if (upgraded) return upgraded;
  const failed = credentials ? yield* authenticate(context, seconds) : undefined;
  return failed ? { ok: false, ...failed } : { ok: true, greeting };
}
