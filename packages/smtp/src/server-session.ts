import { type AddressLiteral, parseAddress } from '@mox/address';
import type { Domain } from '@mox/idna';
import { concatBytes, type Session, type TlsInfo, type TransportEvent } from '@mox/runtime';
import type { SaslAnswer, SaslIdentity, SaslLookup } from '@mox/sasl';
import { parseCommand } from './command.ts';
import { SmtpError } from './error.ts';
import { InputBuffer } from './input-buffer.ts';
import { type ServerLimits, serverLimits } from './limits.ts';
import { replies } from './replies.ts';
import { formatReply, formatReplyLine, isPositive, type SmtpReply, smtpReply } from './reply.ts';
import type { InputReader, OpenTransaction, ServerContext, Verb } from './server-context.ts';
import type { SmtpResetReason, SmtpServerEvent, SmtpServerQuestion } from './server-event.ts';
import type { SmtpServerOptions } from './server-options.ts';
import { serverVerbs } from './server-verbs.ts';

/** What the session waits to be told. */
type Pending =
  | { readonly type: 'reply'; readonly resume: (reply: SmtpReply | undefined) => void }
  | { readonly type: 'recipients'; readonly count: number; readonly resume: (replies: readonly SmtpReply[]) => void }
  | { readonly type: 'lookup'; readonly resume: (answer: SaslAnswer) => void };

/** What a service may want to know of a session at any time. Plain facts. */
export interface SmtpServerFacts {
  /** The greeting command in force, its name as it may be printed. */
  readonly hello: { readonly verb: 'EHLO' | 'HELO' | 'LHLO'; readonly name: string; readonly valid: boolean } | undefined;
  readonly tls: TlsInfo | undefined;
  /** Who has logged in. */
  readonly login: SaslIdentity | undefined;
}

/** The machine behind `SmtpServerSession`: what the commands work on. */
class ServerMachine implements ServerContext {
  readonly options: SmtpServerOptions;
  readonly limits: ServerLimits;
  readonly postmasterDomain: Domain | AddressLiteral;
  hello: ServerContext['hello'];
  tls: TlsInfo | undefined;
  login: SaslIdentity | undefined;
  failedLogins = 0;
  transaction: OpenTransaction | undefined;
  transactions = 0;
  refusedRecipients = 0;

  readonly input: InputBuffer = new InputBuffer();
  readonly events: (SmtpServerEvent | TransportEvent)[] = [];
  output: Uint8Array[] = [];
  pending: Pending | undefined;
  reader: InputReader | undefined;
  closed = false;
  ended = false;
  awaitingTls = false;
  stopping = false;
  /** When the wait for the client began that is on now. */
  since = 0;
  #errors = 0;
  #idleCommands = 0;
  /** The client was sent away: only QUIT is left (RFC 5321 §3.1). */
  #sentAway = false;
  #discarding = false;
  #verb = '';

  constructor(options: SmtpServerOptions) {
    this.options = options;
    this.limits = serverLimits(options.limits);
    this.tls = options.tls;
    const postmaster = parseAddress(`postmaster@${options.hostname}`);
    if (!postmaster.ok) throw new SmtpError('bad-option', `hostname: ${postmaster.error.message}`);
    this.postmasterDomain = postmaster.value.domain;
    this.since = options.clock.now();
    if (options.askOnConnect) this.ask({ type: 'connect' }, (reply) => this.#greet(reply));
    else this.#greet(undefined);
  }

  #greet(reply: SmtpReply | undefined): void {
    this.#sentAway = reply !== undefined && !isPositive(reply);
    const { hostname, mode } = this.options;
    this.reply(reply ?? smtpReply(220, '', `${hostname} ${mode === 'lmtp' ? 'LMTP' : 'ESMTP'} ready`));
  }

  reply(reply: SmtpReply): void {
    this.output.push(formatReply(reply));
    if (reply.code === 421) this.close();
  }

  refuse(reply: SmtpReply): void {
    this.tell({ type: 'refused', verb: this.#verb, reply: formatReplyLine(reply) });
    if (++this.#errors > this.limits.errors) this.reply(replies.tooManyErrors);
    else this.reply(reply);
  }

  tell(event: SmtpServerEvent): void {
    this.events.push(event);
  }

  ask(event: SmtpServerQuestion, then: (reply: SmtpReply | undefined) => void): void {
    this.tell(event);
    this.pending = { type: 'reply', resume: then };
  }

  askForRecipients(event: SmtpServerQuestion, then: (replies: readonly SmtpReply[]) => void): void {
    this.tell(event);
    this.pending = { type: 'recipients', count: this.transaction?.recipients.length ?? 0, resume: then };
  }

  askLookup(lookup: SaslLookup, then: (answer: SaslAnswer) => void): void {
    this.tell({ type: 'lookup', lookup });
    this.pending = { type: 'lookup', resume: then };
  }

  readWith(reader: InputReader | undefined): void {
    this.reader = reader;
  }

  discardLine(): void {
    this.#discarding = true;
  }

  dropTransaction(reason: SmtpResetReason, reply?: SmtpReply): void {
    const { transaction } = this;
    if (!transaction) return;
    this.transaction = undefined;
    this.tell({ type: 'reset', reason, transaction, ...(reply ? { reply } : {}) });
  }

  countMessage(): void {
    this.#errors = 0;
    this.#idleCommands = 0;
  }

  startTls(): void {
    this.reply(replies.startTls);
    // RFC 3207 §6: what came in clear text behind the command may have been put there by somebody else.
    const bytes = this.input.clear();
    if (bytes > 0) this.tell({ type: 'clear-text-discarded', bytes });
    this.awaitingTls = true;
    this.events.push({ type: 'start-tls' });
  }

  close(): void {
    if (this.closed) return;
    this.dropTransaction('refused');
    this.closed = true;
    this.reader = undefined;
    this.pending = undefined;
    this.input.clear();
    this.events.push({ type: 'close' });
  }

  /** Does one thing; false where it needs more input first. */
  advance(): boolean {
    if (this.stopping && !this.reader && !this.awaitingTls) {
      this.dropTransaction('shutdown');
      this.reply(replies.shutdown);
      return true;
    }
    if (this.awaitingTls || !this.#read()) return this.#end();
    this.since = this.options.clock.now();
    return true;
  }

  #read(): boolean {
    if (this.#discarding) return this.#discardLine();
    return this.reader ? this.reader.read(this.input) : this.#readCommand();
  }

  /** RFC 5321 §4.1.1.5: a connection that ends is taken as QUIT. */
  #end(): boolean {
    if (!this.ended) return false;
    this.dropTransaction('disconnected');
    this.close();
    return true;
  }

  #discardLine(): boolean {
    const found = this.input.discardLine();
    if (!found) return false;
    this.#discarding = false;
    // A client that ends its lines with LF alone would wait for replies for ever: it is told twice and sent away.
    if (found === 'bare-lf') this.reply(smtpReply(421, '4.5.2', 'Lines end with CR LF, closing'));
    return true;
  }

  #readCommand(): boolean {
    const { commandLineBytes, authenticationLineBytes } = this.limits;
    const limit = this.options.sasl ? Math.max(commandLineBytes, authenticationLineBytes) : commandLineBytes;
    const line = this.input.takeLine(limit);
    if (!line) return false;
    this.#verb = '';
    if (line.type === 'line') this.#run(line.bytes);
    else {
      this.#discarding = true;
      this.refuse(line.type === 'too-long' ? replies.lineTooLong : replies.bareLineEnd);
    }
    return true;
  }

  #run(line: Uint8Array): void {
    const command = parseCommand(line);
    if (!command) return this.refuse(replies.badCharacters);
    const verb = serverVerbs.get(command.verb);
    this.#verb = verb ? command.verb : command.verb.slice(0, 32);
    const problem = this.#problem(verb, line.length, command.argument, command.malformedUtf8);
    if (problem || !verb) return this.refuse(problem ?? replies.unknownCommand);
    if (!verb.transactional && ++this.#idleCommands > this.limits.idleCommands) return this.reply(replies.tooManyErrors);
    verb.step(this, command);
  }

  #problem(verb: Verb | undefined, lineBytes: number, argument: string, malformedUtf8: boolean): SmtpReply | undefined {
    if (this.#sentAway && verb !== serverVerbs.get('QUIT')) return replies.refusedSession;
    if (!verb) return replies.unknownCommand;
    if (lineBytes + 2 > this.limits.commandLineBytes && verb !== serverVerbs.get('AUTH')) return replies.lineTooLong;
    if (this.options.tlsRequired && !this.tls && !verb.beforeTls) return replies.tlsRequired;
    if (!this.hello && !verb.beforeHello) return replies.helloFirst;
    if (verb.noArgument && argument !== '') return replies.noArgument;
    return malformedUtf8 && !verb.beforeHello ? replies.notUtf8 : undefined;
  }
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
