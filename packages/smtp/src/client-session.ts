import { concatBytes, fromUtf8, type Session, type TlsInfo, type TransportEvent } from '@mox/runtime';
import type { SaslClientAnswer } from '@mox/sasl';
import { Capabilities } from './capabilities.ts';
import type { SmtpClientEvent } from './client-event.ts';
import { type Opening, open } from './client-opening.ts';
import type { SmtpClientOptions } from './client-options.ts';
import { type ClientContext, type Resumed, readReply, type Script, type Wait } from './client-script.ts';
import { Transmission, transmit } from './client-transaction.ts';
import type { SmtpEnvelope } from './envelope.ts';
import { SmtpError } from './error.ts';
import type { SmtpCapabilities, SmtpClientProblem } from './extension.ts';
import { InputBuffer } from './input-buffer.ts';
import type { SmtpReply } from './reply.ts';
import { ReplyReader } from './reply-reader.ts';

/** A script that is running, and what it does when it comes to its end. */
interface Running {
  readonly resume: (resumed?: Resumed) => boolean;
}

/**
 * The client's side of a connection, as a machine: SMTP (RFC 5321), submission (RFC 6409) or LMTP (RFC 2033).
 *
 * It opens the session by itself, up to `ready`: greeting, EHLO, STARTTLS, AUTH. Then `send` a message; with `content-wanted` `write`
 * its content and `endContent`; with `result` the next one may be sent, or `quit`. Nothing has to be answered but `lookup`.
 */
export class SmtpClientSession implements Session<SmtpClientEvent> {
  readonly #options: SmtpClientOptions;
  readonly #context: ClientContext;
  readonly #input = new InputBuffer();
  readonly #reader = new ReplyReader();
  readonly #events: (SmtpClientEvent | TransportEvent)[] = [];
  #output: Uint8Array[] = [];
  #running: Running | undefined;
  #waiting: Wait | undefined;
  #since = 0;
  #transmission: Transmission | undefined;
  #closed = false;
  #ended = false;

  constructor(options: SmtpClientOptions) {
    checkLine(options.hostname, 'hostname');
    this.#options = options;
    this.#context = {
      options,
      capabilities: new Capabilities(undefined, options.tls),
      tls: options.tls,
      say: (...lines) => this.#say(...lines),
      tell: (event) => this.#tell(event),
      discardInput: () => {
        this.#input.clear();
        this.#reader.clear();
      },
      startTls: () => this.#events.push({ type: 'start-tls' }),
    };
    this.#run(open(this.#context), (opening) => this.#opened(opening));
  }

  #opened(opening: Opening): void {
    if (opening.ok) this.#tell({ type: 'ready', capabilities: this.#context.capabilities, greeting: opening.greeting });
    else this.#fail(opening.problem, opening.reply);
  }

  /** Runs a script up to where it waits; `done` gets its result. */
  #run<T>(script: Script<T>, done: (result: T) => void): void {
    const step = ({ done: over = false, value }: IteratorResult<Wait, T>): boolean => {
      this.#since = this.#options.clock.now();
      if (!over) {
        this.#waiting = value as Wait;
        if (this.#waiting.type === 'lookup') this.#tell({ type: 'lookup', lookup: this.#waiting.lookup });
        return true;
      }
      this.#waiting = undefined;
      this.#running = undefined;
      done(value as T);
      return true;
    };
    this.#running = { resume: (resumed) => step(resumed ? script.next(resumed) : script.next()) };
    this.#running.resume();
  }

  #resume(resumed: Resumed): boolean {
    if (this.#waiting?.type !== resumed.type) throw new SmtpError('not-ready', `nothing waits for ${resumed.type}`);
    return this.#running?.resume(resumed) ?? false;
  }

  /** The session is lost: what was under way ends with what is known of it. */
  #fail(problem: SmtpClientProblem, reply?: SmtpReply): void {
    if (this.#closed) return;
    const transmission = this.#transmission;
    this.#transmission = undefined;
    if (transmission) {
      transmission.problem ??= problem;
      this.#tell({ type: 'result', result: transmission.result() });
    }
    this.#tell({ type: 'failed', problem, ...(reply ? { reply } : {}) });
    // RFC 5321 §4.1.1.10: said also where no answer is waited for.
    if (!this.#ended && problem.code !== 'timeout' && reply?.code !== 421) this.#say('QUIT');
    this.#close();
  }

  #close(): void {
    this.#closed = true;
    this.#waiting = undefined;
    this.#running = undefined;
    this.#input.clear();
    this.#events.push({ type: 'close' });
  }

  get parked(): boolean {
    return this.#waiting?.type === 'lookup' && this.#events.length === 0;
  }

  get bufferedBytes(): number {
    return this.#input.length;
  }

  get deadline(): number | undefined {
    return this.#waiting?.type === 'reply' ? this.#since + 1000 * this.#waiting.seconds : undefined;
  }

  receive(bytes: Uint8Array): void {
    if (!this.#closed && this.#waiting?.type !== 'tls') this.#input.push(bytes);
  }

  receiveEnd(): void {
    this.#ended = true;
  }

  next(): SmtpClientEvent | TransportEvent | undefined {
    for (;;) {
      const event = this.#events.shift();
      if (event) return event;
      if (this.#closed || !this.#advance()) return undefined;
    }
  }

  #advance(): boolean {
    if (this.#waiting?.type === 'reply') {
      const read = this.#reader.read(this.#input);
      if (read && 'problem' in read) {
        this.#fail({ code: 'not-smtp', message: read.problem, enhanced: '4.5.0' });
        return true;
      }
      if (read) return this.#took(read);
    }
    if (!this.#ended) return false;
    this.#fail({ code: 'connection-closed', message: 'the server closed the connection', enhanced: '4.4.2' }, this.#lastWords());
    return true;
  }

  #took(reply: SmtpReply): boolean {
    this.#resume({ type: 'reply', reply });
    // RFC 5321 §3.8: the server is about to close.
    if (reply.code === 421)
      this.#fail({ code: 'refused', message: 'the server ends the session', enhanced: reply.enhanced ?? '4.3.2' }, reply);
    return true;
  }

  /** A reply that came before the content was sent whole: why the server closed. */
  #lastWords(): SmtpReply | undefined {
    const read = this.#reader.read(this.#input);
    if (!read || 'problem' in read) return undefined;
    if (this.#transmission) this.#transmission.data = read;
    return read;
  }

  takeOutput(): Uint8Array | undefined {
    if (this.#output.length === 0) return undefined;
    const bytes = concatBytes(this.#output);
    this.#output = [];
    return bytes;
  }

  expire(): void {
    if (this.deadline === undefined) return;
    this.#fail({ code: 'timeout', message: 'the server did not answer in time', enhanced: '4.4.2' });
  }

  upgraded(tls: TlsInfo): void {
    this.#resume({ type: 'tls', tls });
  }

  /**
   * Answers `lookup`.
   * @throws SmtpError `not-ready` where no look-up waits.
   */
  answerLookup(answer: SaslClientAnswer): void {
    if (!this.#closed) this.#resume({ type: 'lookup', answer });
  }

  /**
   * Sends a message: its envelope now, its content when it is asked for.
   * @throws SmtpError `not-ready` before `ready`, while another message is under way, and after the end; `bad-option` for an address or parameter
   * with characters that would end its command.
   */
  send(envelope: SmtpEnvelope): void {
    if (this.#closed || this.#running) throw new SmtpError('not-ready', 'the session is not ready to send');
    for (const address of [envelope.sender, ...envelope.recipients.map((recipient) => recipient.address)]) checkLine(address, 'address');
    for (const { text } of [envelope, ...envelope.recipients].flatMap(({ parameters = [] }) => parameters)) checkLine(text, 'parameter');
    const transmission = new Transmission(envelope);
    this.#transmission = transmission;
    this.#run(transmit(this.#context, transmission), () => {
      this.#transmission = undefined;
      this.#tell({ type: 'result', result: transmission.result() });
    });
  }

  /**
   * Sends content of the message, after `content-wanted`. Dots and line ends are taken care of.
   * @throws SmtpError `not-ready` where no content is wanted. After the session was lost it does nothing.
   */
  write(content: Uint8Array): void {
    if (this.#closed) return;
    if (this.#waiting?.type !== 'content' || !this.#transmission) throw new SmtpError('not-ready', 'no content is wanted');
    this.#output.push(...this.#transmission.encode(content));
  }

  /**
   * The content is whole.
   * @throws SmtpError `not-ready` where no content is wanted. After the session was lost it does nothing.
   */
  endContent(): void {
    if (this.#closed) return;
    if (this.#waiting?.type !== 'content' || !this.#transmission) throw new SmtpError('not-ready', 'no content is wanted');
    this.#output.push(this.#transmission.finish());
    this.#resume({ type: 'content' });
  }

  /** Ends the session: QUIT, its reply, and the end of the connection (RFC 5321 §4.1.1.10). In the middle of something it closes at once. */
  quit(): void {
    if (this.#closed) return;
    if (this.#running) return this.#fail({ code: 'refused', message: 'the session was ended by its user', enhanced: '4.4.2' });
    this.#say('QUIT');
    this.#run(readReply(this.#options.timeouts?.commandSeconds ?? 300), () => this.#close());
  }

  /** What the server announced; nothing before its reply to EHLO. */
  get server(): SmtpCapabilities {
    return this.#context.capabilities;
  }

  #say(...lines: readonly string[]): void {
    this.#output.push(fromUtf8(lines.map((line) => `${line}\r\n`).join('')));
  }

  #tell(event: SmtpClientEvent): void {
    this.#events.push(event);
  }
}

/** Nothing that is put into a command may end it. */
function checkLine(text: string, what: string): void {
  if (/[\x00-\x1f\x7f<>]/.test(text)) throw new SmtpError('bad-option', `${what} has characters that may not be sent`);
}
