import { decodeBase64, encodeBase64 } from '@mox/encoding';
import { emptyBytes, fromUtf8, type Secret } from '@mox/runtime';
import {
  createSaslServer,
  type SaslAnswer,
  type SaslFailure,
  type SaslIdentity,
  type SaslLookup,
  type SaslServer,
  type SaslServerOptions,
  type SaslServerStep,
} from '@mox/sasl';
import type { AuthenticateCommand } from './commands/authenticate.ts';

/** What an authentication exchange wants next. */
export type AuthenticationStep =
  /** Send as a continuation, in base64; wait for the client's line. */
  | { readonly type: 'challenge'; readonly text: string }
  | { readonly type: 'lookup'; readonly lookup: SaslLookup }
  | { readonly type: 'success'; readonly identity: SaslIdentity }
  | (SaslFailure & { readonly mechanism: string });

/** One AUTHENTICATE or LOGIN: SASL in IMAP's clothes (RFC 9051 §6.2.2). */
export class ServerAuthentication {
  readonly #server: SaslServer;

  private constructor(server: SaslServer) {
    this.#server = server;
  }

  /** Undefined where the mechanism is not offered. */
  static start(
    command: AuthenticateCommand,
    options: SaslServerOptions,
  ): { exchange: ServerAuthentication; step: AuthenticationStep } | undefined {
    const server = createSaslServer(command.mechanism, options);
    if (!server) return undefined;
    const exchange = new ServerAuthentication(server);
    const { initialResponse } = command;
    // RFC 4959 §3: "=" stands for a response of no bytes
    if (initialResponse === '=') return { exchange, step: exchange.#wrap(server.step(emptyBytes)) };
    const step = initialResponse === undefined ? exchange.#wrap(server.step(undefined)) : exchange.respond(initialResponse);
    return { exchange, step };
  }

  /** LOGIN, as PLAIN would do it. */
  static login(
    user: string,
    password: Secret,
    options: SaslServerOptions,
  ): { exchange: ServerAuthentication; step: AuthenticationStep } | undefined {
    const server = createSaslServer('PLAIN', options);
    if (!server) return undefined;
    const exchange = new ServerAuthentication(server);
    return { exchange, step: exchange.#wrap(server.step(fromUtf8(`\0${user}\0${password.reveal()}`))) };
  }

  /** The client's line: base64, or `*` to cancel. */
  respond(line: string): AuthenticationStep {
    if (line === '*') return this.#failure('aborted', 'the client cancelled the exchange');
    const bytes = decodeBase64(line);
    return bytes.ok ? this.#wrap(this.#server.step(bytes.value)) : this.#failure('malformed', 'the response is not base64');
  }

  answer(answer: SaslAnswer): AuthenticationStep {
    return this.#wrap(this.#server.answer(answer));
  }

  #failure(reason: SaslFailure['reason'], problem: string): AuthenticationStep {
    return { type: 'failure', reason, problem, mechanism: this.#server.mechanism };
  }

  #wrap(step: SaslServerStep): AuthenticationStep {
    if (step.type === 'challenge') return { type: 'challenge', text: encodeBase64(step.data) };
    if (step.type === 'failure') return { ...step, mechanism: this.#server.mechanism };
    return step.type === 'success' ? { type: 'success', identity: step.identity } : step;
  }
}

/** What a client is told about a failure: status and response code (RFC 5530 §3, RFC 9051 §7.1). */
export function failureReply(reason: SaslFailure['reason']): {
  readonly status: 'NO' | 'BAD';
  readonly code?: string;
  readonly text: string;
} {
  switch (reason) {
    case 'malformed':
      return { status: 'BAD', text: 'the response is not in the syntax of the mechanism' };
    case 'aborted':
      return { status: 'BAD', text: 'authentication cancelled' };
    case 'not-authorized':
      return { status: 'NO', code: 'AUTHORIZATIONFAILED', text: 'not authorized to act as this user' };
    case 'expired':
      return { status: 'NO', code: 'EXPIRED', text: 'the credentials are no longer valid' };
    case 'disabled':
      return { status: 'NO', code: 'CONTACTADMIN', text: 'the account is disabled' };
    case 'temporary':
      return { status: 'NO', code: 'UNAVAILABLE', text: 'login is not possible now, try again later' };
    default:
      return { status: 'NO', code: 'AUTHENTICATIONFAILED', text: 'user name or password is wrong' };
  }
}

const harmless: ReadonlySet<SaslFailure['reason']> = new Set(['malformed', 'aborted', 'temporary']);

/** Whether a failure may have been a guess at a password; an exchange that was cancelled or cannot be read was none. */
export function isGuess(reason: SaslFailure['reason']): boolean {
  return !harmless.has(reason);
}
