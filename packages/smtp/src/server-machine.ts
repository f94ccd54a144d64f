import { type AddressLiteral, parseAddress } from '@mox/address';
import type { Domain } from '@mox/idna';
import type { TlsInfo, TransportEvent } from '@mox/runtime';
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
export type Pending =
  | { readonly type: 'reply'; readonly resume: (reply: SmtpReply | undefined) => void }
  | { readonly type: 'recipients'; readonly count: number; readonly resume: (replies: readonly SmtpReply[]) => void }
  | { readonly type: 'lookup'; readonly resume: (answer: SaslAnswer) => void };

/** The machine behind `SmtpServerSession`: what the commands work on. */
export class ServerMachine implements ServerContext {
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
