import { concatBytes, type Session, type TlsInfo, type TransportEvent } from '@mox/runtime';
import type { SaslAnswer, SaslIdentity } from '@mox/sasl';
import { SmtpError } from './error.ts';
import { replies } from './replies.ts';
import type { SmtpReply } from './reply.ts';
import type { SmtpServerEvent } from './server-event.ts';
import { type Pending, ServerMachine } from './server-machine.ts';
import type { SmtpServerOptions } from './server-options.ts';

/** What a service may want to know of a session at any time. Plain facts. */
export interface SmtpServerFacts {
  /** The greeting command in force, its name as it may be printed. */
  readonly hello: { readonly verb: 'EHLO' | 'HELO' | 'LHLO'; readonly name: string; readonly valid: boolean } | undefined;
  readonly tls: TlsInfo | undefined;
  /** Who has logged in. */
  readonly login: SaslIdentity | undefined;
}

/**
 * The server's side of a connection, as a machine: SMTP (RFC 5321), submission (RFC 6409) or LMTP (RFC 2033).
 *
 * Questions (`connect`, `hello`, `mail`, `recipient`, `message-start`, `message-end`) park it until `answer`, `lookup` until
 * `answerLookup`. Everything else it tells goes on by itself. Syntax, order, limits and extensions are its own business; whether mail is
 * taken is the service's. Bytes handed in must not be changed afterwards: events and content are views of them.
 */
export class SmtpServerSession implements Session<SmtpServerEvent> {
  readonly #machine: ServerMachine;

  /** @throws SmtpError `bad-option` for a hostname that is neither a domain name nor an address literal. */
  constructor(options: SmtpServerOptions) {
    this.#machine = new ServerMachine(options);
  }

  /** Facts of the session as they stand now. */
  get facts(): SmtpServerFacts {
    const { hello, tls, login } = this.#machine;
    return { hello, tls, login };
  }

  get parked(): boolean {
    // Facts that come before a question are told before it waits.
    return this.#machine.pending !== undefined && this.#machine.events.length === 0;
  }

  get bufferedBytes(): number {
    return this.#machine.input.length;
  }

  get deadline(): number | undefined {
    const { closed, pending, since, reader, options } = this.#machine;
    if (closed || pending) return undefined;
    const { commandSeconds = 300, dataBlockSeconds = 180 } = options.timeouts ?? {};
    return since + 1000 * (reader?.timeout === 'data-block' ? dataBlockSeconds : commandSeconds);
  }

  receive(bytes: Uint8Array): void {
    const machine = this.#machine;
    if (machine.closed || machine.awaitingTls || machine.ended) return;
    machine.input.push(bytes);
  }

  receiveEnd(): void {
    this.#machine.ended = true;
  }

  next(): SmtpServerEvent | TransportEvent | undefined {
    const machine = this.#machine;
    for (;;) {
      const event = machine.events.shift();
      if (event) return event;
      if (machine.closed || machine.pending || !machine.advance()) return undefined;
    }
  }

  takeOutput(): Uint8Array | undefined {
    const machine = this.#machine;
    if (machine.output.length === 0) return undefined;
    const bytes = concatBytes(machine.output);
    machine.output = [];
    return bytes;
  }

  /**
   * Answers a question; without a reply, with the usual positive one. Refusals are replies 4yz and 5yz; a 421 also ends the session.
   * Where a reply for each recipient is due, they all get this one.
   * @throws SmtpError `not-asked` where no question waits. After the session was closed it does nothing.
   */
  answer(reply?: SmtpReply): void {
    const pending = this.#takePending('reply', 'recipients');
    if (pending?.type === 'reply') pending.resume(reply);
    else if (pending?.type === 'recipients') pending.resume(new Array<SmtpReply>(pending.count).fill(reply ?? replies.accepted));
  }

  /**
   * Answers `message-end` with a reply for each recipient of the transaction, in their order. For LMTP; elsewhere the first one counts.
   * @throws SmtpError `not-asked` where that is not the question, or the number of replies is another one.
   */
  answerRecipients(answers: readonly SmtpReply[]): void {
    const pending = this.#takePending('recipients');
    if (pending?.type !== 'recipients') return;
    if (answers.length !== pending.count) throw new SmtpError('not-asked', `${answers.length} replies for ${pending.count} recipients`);
    pending.resume(answers);
  }

  /**
   * Answers `lookup`.
   * @throws SmtpError `not-asked` where no look-up waits.
   */
  answerLookup(answer: SaslAnswer): void {
    const pending = this.#takePending('lookup');
    if (pending?.type === 'lookup') pending.resume(answer);
  }

  expire(): void {
    const machine = this.#machine;
    if (this.deadline === undefined) return;
    machine.dropTransaction('timeout');
    machine.reply(replies.timeout);
  }

  upgraded(tls: TlsInfo): void {
    const machine = this.#machine;
    machine.input.clear();
    machine.awaitingTls = false;
    // RFC 3207 §4.2: back to the state behind the greeting; nothing learnt in clear text counts.
    machine.hello = undefined;
    machine.tls = tls;
    machine.since = machine.options.clock.now();
  }

  /** The server stops: the client is told 421 as soon as the command or message in progress is answered. */
  shutdown(): void {
    this.#machine.stopping = true;
  }

  #takePending(...types: readonly Pending['type'][]): Pending | undefined {
    const machine = this.#machine;
    const { pending } = machine;
    if (!pending && machine.closed) return undefined;
    if (!pending || !this.parked || !types.includes(pending.type)) throw new SmtpError('not-asked', 'there is no such question to answer');
    machine.pending = undefined;
    machine.since = machine.options.clock.now();
    return pending;
  }
}
