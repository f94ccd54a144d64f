import type { CloseReason, Connection, ServedSession } from '@mox/net-node';
import {
  announcedLimit,
  type SmtpCapabilities,
  type SmtpClientEvent,
  type SmtpClientProblem,
  type SmtpClientSession,
  type SmtpEnvelope,
  SmtpError,
  type SmtpRecipientResult,
  type SmtpReply,
} from '@mox/smtp';

/** How a session went that never got to where a message can be sent. */
export interface OpeningFailure {
  readonly problem: string;
  /** The reply that said so. */
  readonly reply?: SmtpReply;
  /** RFC 3463, as the client's session has it. */
  readonly enhanced: string;
  readonly code: SmtpClientProblem['code'] | 'tls-failed';
}

/** What became of one recipient in a session. */
export interface SentRecipient {
  readonly result: SmtpRecipientResult;
  /** The message was sent whole and no reply came: nobody knows whether it was taken. */
  readonly inDoubt: boolean;
}

/** How a session with a host went. */
export interface HostSessionResult {
  /** The session was open, under TLS or not. */
  readonly opened: boolean;
  readonly failure?: OpeningFailure;
  /** Those that were sent for, by address, in the order of the envelope. */
  readonly sent: readonly SentRecipient[];
  readonly dsnOffered: boolean;
  /** A fault of this machine that ended it. */
  readonly fault?: { readonly error: unknown };
}

/** What a session needs of its attempt. */
export interface HostSessionParameters {
  readonly session: SmtpClientSession;
  readonly envelope: SmtpEnvelope;
  readonly recipientsPerTransaction: number;
  readonly graceMilliseconds: number;
  readonly signal: AbortSignal;
  content(): Promise<AsyncIterable<Uint8Array>>;
  /** Judges the open session; false where nothing is to be said of the message. */
  judge(capabilities: SmtpCapabilities, greeting: SmtpReply): Promise<boolean>;
}

/** How long the reply to QUIT is waited for: the outcome is known by then. */
const quitMilliseconds = 10_000;

/** One session with one address: opens, has itself judged, sends what there is, and knows at any time what became of it. */
export class HostSession implements ServedSession<SmtpClientEvent> {
  readonly session: SmtpClientSession;
  readonly done: Promise<HostSessionResult>;
  readonly #parameters: HostSessionParameters;
  readonly #connection: Connection;
  readonly #sent: SentRecipient[] = [];
  #settle: (result: HostSessionResult) => void = () => {};
  #opened = false;
  #contentEnded = false;
  #failure: OpeningFailure | undefined;
  #fault: { readonly error: unknown } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #transactions = 0;
  #over = false;
  #dsnOffered = false;

  constructor(connection: Connection, parameters: HostSessionParameters) {
    this.session = parameters.session;
    this.#parameters = parameters;
    this.#connection = connection;
    this.done = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const { signal } = parameters;
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  async handle(event: SmtpClientEvent): Promise<void> {
    if (event.type === 'ready') await this.#ready(event.capabilities, event.greeting);
    else if (event.type === 'content-wanted') await this.#sendContent();
    else this.#note(event);
  }

  close(reason: CloseReason, problem?: string): void {
    // What ended without a word of the session's: it knows what was answered so far.
    this.session.receiveEnd();
    for (let event = this.session.next(); event; event = this.session.next()) {
      if (event.type === 'result' || event.type === 'failed') this.#note(event);
    }
    if (reason === 'tls-failed') {
      this.#failure = { problem: `TLS: ${problem ?? 'the handshake failed'}`, enhanced: '4.7.5', code: 'tls-failed' };
    }
    this.#finish();
    clearTimeout(this.#timer);
  }

  async #ready(capabilities: SmtpCapabilities, greeting: SmtpReply): Promise<void> {
    this.#opened = true;
    this.#dsnOffered = capabilities.get('DSN') !== undefined;
    try {
      if (await this.#parameters.judge(capabilities, greeting)) this.#goOn();
      else this.#quit();
    } catch (error) {
      this.#fault = { error };
      this.#connection.destroy();
    }
  }

  /** The next transaction: as many recipients as the server takes at once (RFC 9422 §4), while it takes another. */
  #sendNext(): void {
    const { envelope, recipientsPerTransaction } = this.#parameters;
    const { server } = this.session;
    const most = Math.min(recipientsPerTransaction, announcedLimit(server, 'RCPTMAX') ?? recipientsPerTransaction);
    const recipients = envelope.recipients.slice(this.#sent.length, this.#sent.length + most);
    const room = this.#transactions < (announcedLimit(server, 'MAILMAX') ?? Number.POSITIVE_INFINITY);
    if (recipients.length === 0 || !room || this.#parameters.signal.aborted) return this.#quit();
    this.#transactions++;
    this.#contentEnded = false;
    // RFC 8689 §5: a report of failure goes out to a host without REQUIRETLS too.
    const { requireTls, ...rest } = envelope;
    const withTls = requireTls && (envelope.sender !== '' || (server.tls && server.get('REQUIRETLS')));
    this.session.send({ ...rest, recipients, ...(withTls ? { requireTls } : {}) });
  }

  async #sendContent(): Promise<void> {
    try {
      for await (const piece of await this.#parameters.content()) {
        if (this.#connection.signal.aborted) return;
        this.session.write(piece);
        await this.#connection.flush();
      }
    } catch (error) {
      // Without its end the message is not there: the server throws it away (RFC 5321 §4.1.1.4).
      this.#fault = { error };
      return this.#connection.destroy();
    }
    if (this.#connection.signal.aborted) return;
    this.#contentEnded = true;
    this.session.endContent();
  }

  #note(event: SmtpClientEvent): void {
    if (event.type === 'failed') {
      const { problem, reply } = event;
      this.#failure ??= { problem: problem.message, enhanced: problem.enhanced, code: problem.code, ...(reply ? { reply } : {}) };
    } else if (event.type === 'result') {
      const ended = this.#contentEnded;
      this.#sent.push(...event.result.recipients.map((result) => ({ result, inDoubt: ended && result.reply === undefined })));
      this.#contentEnded = false;
      this.#goOn();
    }
  }

  /** After a result the session may be lost, which its next event tells. */
  #goOn(): void {
    try {
      this.#sendNext();
    } catch (error) {
      if (!(error instanceof SmtpError && error.code === 'not-ready')) throw error;
    }
  }

  #quit(): void {
    this.session.quit();
    this.#finish();
    this.#timer ??= setTimeout(() => this.#connection.destroy(), quitMilliseconds).unref();
  }

  readonly #onAbort = (): void => {
    const wait = this.#contentEnded ? this.#parameters.graceMilliseconds : 0;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connection.destroy(), wait);
  };

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#parameters.signal.removeEventListener('abort', this.#onAbort);
    this.#settle({
      opened: this.#opened,
      sent: this.#sent,
      dsnOffered: this.#dsnOffered,
      ...(this.#failure ? { failure: this.#failure } : {}),
      ...(this.#fault ? { fault: this.#fault } : {}),
    });
  }
}
