// AUTH (RFC 4954): SASL in SMTP. How the client goes about it is in client-authentication.ts.
import { decodeBase64, encodeBase64 } from '@mox/encoding';
import { emptyBytes, toLatin1 } from '@mox/runtime';
import {
  createSaslServer,
  offeredMechanisms,
  type SaslFailure,
  type SaslFailureReason,
  type SaslServer,
  type SaslServerOptions,
  type SaslServerStep,
} from '@mox/sasl';
import type { EsmtpParameter } from '../esmtp-parameter.ts';
import type { ClientExtension, ServerExtension } from '../extension.ts';
import type { InputBuffer } from '../input-buffer.ts';
import { replies } from '../replies.ts';
import { type SmtpReply, smtpReply } from '../reply.ts';
import type { InputReader, ServerContext, Verb } from '../server-context.ts';
import { decodeXtext } from '../xtext.ts';

/** AUTH of MAIL (RFC 4954 §5): who submitted the message, as another server says; `<>` for nobody knows. A claim, no proof. */
export const authParameter: EsmtpParameter<string> = {
  keyword: 'AUTH',
  parse: (value) => (value === undefined || value.length > 500 ? undefined : decodeXtext(value)),
};

/** What a failed exchange is answered with (RFC 4954 §6, RFC 5248 §2). */
const failureReplies: Readonly<Partial<Record<SaslFailureReason, SmtpReply>>> = /* @__PURE__ */ (() => ({
  malformed: smtpReply(501, '5.5.2', 'Authentication response is not in the syntax of the mechanism'),
  aborted: replies.cancelled,
  temporary: replies.temporaryAuthenticationFailure,
  disabled: smtpReply(535, '5.7.13', 'The account is disabled'),
}))();

/** Failures that guess at no password: they count as refused commands only. */
const harmless: ReadonlySet<SaslFailureReason> = new Set(['malformed', 'aborted', 'temporary']);

function saslOptions(session: ServerContext): SaslServerOptions | undefined {
  const { sasl, hostname } = session.options;
  return sasl && { hostname, ...sasl, ...(session.tls ? { tls: session.tls } : {}) };
}

/** One exchange, from AUTH to its outcome. */
class Exchange implements InputReader {
  readonly timeout = 'command';
  readonly #session: ServerContext;
  readonly #machine: SaslServer;

  constructor(session: ServerContext, machine: SaslServer) {
    this.#session = session;
    this.#machine = machine;
  }

  read(input: InputBuffer): boolean {
    const session = this.#session;
    const line = input.takeLine(session.limits.authenticationLineBytes);
    if (!line) return false;
    session.readWith(undefined);
    if (line.type !== 'line') {
      session.discardLine();
      this.#fail('malformed', line.type, line.type === 'too-long' ? replies.authenticationLineTooLong : replies.bareLineEnd);
    } else this.respond(toLatin1(line.bytes));
    return true;
  }

  /** Goes on with a response of the client in base64. */
  respond(text: string): void {
    if (text === '*') return this.#fail('aborted', 'the client cancelled the exchange', replies.cancelled);
    // RFC 4954 §4: "=" is the empty response where an empty line cannot be told from none.
    const decoded = text === '=' ? { ok: true as const, value: emptyBytes } : decodeBase64(text);
    if (!decoded.ok) return this.#fail('malformed', 'not base64', replies.badBase64);
    this.advance(this.#machine.step(decoded.value));
  }

  /** Starts without an initial response. */
  start(): void {
    this.advance(this.#machine.step(undefined));
  }

  advance(step: SaslServerStep): void {
    const session = this.#session;
    switch (step.type) {
      case 'challenge':
        session.reply(smtpReply(334, '', encodeBase64(step.data)));
        return session.readWith(this);
      case 'lookup':
        return session.askLookup(step.lookup, (answer) => this.advance(this.#machine.answer(answer)));
      case 'success':
        session.login = step.identity;
        session.failedLogins = 0;
        session.tell({ type: 'authenticated', identity: step.identity });
        return session.reply(replies.authenticated);
      case 'failure':
        return this.#failWith(step);
    }
  }

  #fail(reason: SaslFailureReason, problem: string, reply: SmtpReply): void {
    this.#failWith({ type: 'failure', reason, problem }, reply);
  }

  #failWith(failure: SaslFailure, reply: SmtpReply = failureReplies[failure.reason] ?? replies.invalidCredentials): void {
    const session = this.#session;
    const { reason, problem, authcid } = failure;
    const event = { type: 'authentication-failed', mechanism: this.#machine.mechanism, reason, problem } as const;
    session.tell(authcid === undefined ? event : { ...event, authcid });
    if (!harmless.has(reason) && ++session.failedLogins > session.limits.failedLogins) return session.reply(replies.tooManyErrors);
    session.refuse(reply);
  }
}

function mechanismProblem(mechanism: string, options: SaslServerOptions): SmtpReply {
  const wouldDo = offeredMechanisms({ ...options, plaintextWithoutTls: true }).includes(mechanism.toUpperCase());
  return wouldDo ? replies.mechanismTooWeak : replies.unknownMechanism;
}

const auth: Verb = {
  usage: 'AUTH mechanism [initial-response]',
  step(session, { argument }) {
    const options = saslOptions(session);
    if (!options) return session.refuse(replies.notImplemented);
    if (session.login || session.transaction) return session.refuse(replies.badSequence);
    const [mechanism = '', initial, ...rest] = argument.split(' ').filter((word) => word !== '');
    if (mechanism === '' || rest.length > 0) return session.refuse(smtpReply(501, '5.5.4', `Syntax: ${auth.usage}`));
    const machine = createSaslServer(mechanism, options);
    if (!machine) return session.refuse(mechanismProblem(mechanism, options));
    const exchange = new Exchange(session, machine);
    if (initial === undefined) exchange.start();
    else exchange.respond(initial);
  },
};

export const authServer: ServerExtension = {
  keyword: 'AUTH',
  announce(session) {
    const options = session.login ? undefined : saslOptions(session);
    const mechanisms = options ? offeredMechanisms(options) : [];
    return mechanisms.length > 0 ? `AUTH ${mechanisms.join(' ')}` : undefined;
  },
  mailParameters: [authParameter],
  // RFC 4954 §5: the parameter is taken also from a client that has logged in, when AUTH is announced no longer.
  takesParameters: (session) => session.options.sasl !== undefined,
  verbs: { AUTH: auth },
};

export const authClient: ClientExtension = { keyword: 'AUTH' };
