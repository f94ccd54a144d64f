import type { Clock, Session, TlsInfo, TransportEvent } from '@mox/runtime';
import { offeredMechanisms, type SaslAnswer, type SaslServerOptions } from '@mox/sasl';
import { ByteQueue } from './byte-queue.ts';
import { formatCapabilities } from './capability.ts';
import type { ImapCommand, ImapState } from './command.ts';
import { CommandFramer, type Frame } from './command-framer.ts';
import type { AppendCommand } from './commands/append.ts';
import type { AuthenticateCommand } from './commands/authenticate.ts';
import type { LoginCommand } from './commands/login.ts';
import { ImapError } from './errors.ts';
import { defaultImapLimits, type ImapLimits } from './limits.ts';
import { OutputBuffer } from './output-buffer.ts';
import { type ParsedCommand, parseCommand, readTag } from './parse-command.ts';
import { AppendReader, type AppendRefusal, announcesAppend } from './server-append.ts';
import { type AuthenticationStep, failureReply, isGuess, ServerAuthentication } from './server-authentication.ts';
import type { ImapServerEvent, TaggedReply } from './server-event.ts';

/** What a server session is made of. */
export interface ImapServerOptions {
  readonly clock: Clock;
  readonly limits?: Partial<ImapLimits>;
  /** The connection's TLS where it began with it. */
  readonly tls?: TlsInfo;
  /** Whether STARTTLS is offered while there is no TLS. */
  readonly starttls?: boolean;
  /** How clients may log in. */
  readonly sasl?: Omit<SaslServerOptions, 'tls' | 'successData'>;
  /** Words of the greeting. */
  readonly greeting?: string;
}

/** Capabilities that ENABLE knows (RFC 9051 §6.3.1, RFC 6855 §3, RFC 7162 §3.2.3), in upper case, with those that they bring. */
const enableable: ReadonlyMap<string, readonly string[]> = new Map([
  ['IMAP4REV2', ['IMAP4rev2']],
  ['UTF8=ACCEPT', ['UTF8=ACCEPT']],
  ['CONDSTORE', ['CONDSTORE']],
  ['QRESYNC', ['QRESYNC', 'CONDSTORE']],
]);

/**
 * The server's side of an IMAP connection (RFC 9051, RFC 3501) as a machine: see `Session` of @mox/runtime for how it is driven.
 *
 * It greets, frames and parses commands, keeps the state, and handles CAPABILITY, LOGOUT, STARTTLS and the exchange of
 * AUTHENTICATE and LOGIN by itself. All else it hands out as events. Between an event that parks and its `complete` the service
 * writes untagged data by `untagged`, `write`, `writeBytes` and `beginLiteral`; while the client idles at any time.
 */
export class ImapServerSession implements Session<ImapServerEvent> {
  /** The commands that a session answers by itself. */
  static readonly #own: ReadonlyMap<string, (session: ImapServerSession, command: ImapCommand) => void> = new Map([
    ['CAPABILITY', (session) => session.#capability()],
    ['LOGOUT', (session) => session.#logout()],
    ['STARTTLS', (session) => session.#starttls()],
    ['LOGIN', (session, command) => session.#login(command as LoginCommand)],
    ['AUTHENTICATE', (session, command) => session.#authenticate(command as AuthenticateCommand)],
    ['IDLE', (session) => session.#idle()],
  ]);

  readonly limits: ImapLimits;
  readonly #options: ImapServerOptions;
  readonly #queue = new ByteQueue();
  readonly #framer: CommandFramer;
  readonly #output = new OutputBuffer();
  readonly #enabled = new Set<string>();
  readonly #events: (ImapServerEvent | TransportEvent)[] = [];
  #tls: TlsInfo | undefined;
  #state: ImapState = 'not-authenticated';
  #parked = false;
  #tag = '*';
  #claimedBytes = 0;
  #literalBytes = 0;
  #badCommands = 0;
  #failures = 0;
  #deadline: number;
  #lastWords: string | undefined;
  #exchange: ServerAuthentication | undefined;
  #append: AppendReader | undefined;
  #idling: 'no' | 'idle' | 'done' | 'broken' = 'no';

  constructor(options: ImapServerOptions) {
    this.#options = options;
    this.limits = { ...defaultImapLimits, ...options.limits };
    this.#tls = options.tls;
    this.#framer = new CommandFramer(this.#queue, this.limits, (text) => this.#loggedIn && announcesAppend(text, this.#parseOptions));
    this.#deadline = options.clock.now() + this.limits.loginMilliseconds;
    this.#output.text(`* OK [CAPABILITY ${this.#capabilities()}] ${options.greeting ?? 'IMAP server ready'}\r\n`);
  }

  get state(): ImapState {
    return this.#state;
  }

  /** Tag of the command in progress. */
  get tag(): string {
    return this.#tag;
  }

  get tls(): TlsInfo | undefined {
    return this.#tls;
  }

  get parked(): boolean {
    return this.#parked;
  }

  /** Bytes of an incomplete command do not count: they are bounded by the limits, and more must come. */
  get bufferedBytes(): number {
    return Math.max(0, this.#queue.length - this.#claimedBytes);
  }

  get deadline(): number | undefined {
    return this.#parked || this.#state === 'logout' ? undefined : this.#deadline;
  }

  /** Whether strings sent to the client may be UTF-8 in quotes, and mailbox names are UTF-8 (RFC 9051 §5.1, RFC 6855 §3). */
  get utf8(): boolean {
    return this.#enabled.has('IMAP4rev2') || this.#enabled.has('UTF8=ACCEPT');
  }

  /** Whether the client has enabled a capability, named as in the ENABLED response. */
  isEnabled(capability: 'IMAP4rev2' | 'UTF8=ACCEPT' | 'CONDSTORE' | 'QRESYNC'): boolean {
    return this.#enabled.has(capability);
  }

  get #loggedIn(): boolean {
    return this.#state === 'authenticated' || this.#state === 'selected';
  }

  get #parseOptions(): { utf8: boolean; nesting: number; state: ImapState } {
    return { utf8: this.utf8, nesting: this.limits.nesting, state: this.#state };
  }

  get #sasl(): SaslServerOptions {
    return { ...this.#options.sasl, ...(this.#tls ? { tls: this.#tls } : {}) };
  }

  receive(bytes: Uint8Array): void {
    if (this.#state === 'logout') return;
    this.#queue.push(bytes);
    if (this.#loggedIn) this.#deadline = this.#options.clock.now() + this.limits.autologoutMilliseconds;
  }

  receiveEnd(): void {
    // What is incomplete is of no use; what is complete is still handled.
    if (!this.#parked && this.#queue.length === this.#claimedBytes) this.#close();
  }

  takeOutput(): Uint8Array | undefined {
    return this.#output.take();
  }

  next(): ImapServerEvent | TransportEvent | undefined {
    while (!this.#parked) {
      const event = this.#events.shift();
      if (event) return this.#hand(event);
      if (this.#state === 'logout') return undefined;
      if (this.#lastWords !== undefined) {
        this.#bye(this.#lastWords);
        continue;
      }
      if (!this.#step()) {
        this.#claimedBytes = this.#queue.length;
        return undefined;
      }
      this.#claimedBytes = 0;
    }
    return undefined;
  }

  expire(): void {
    if (this.deadline === undefined) return;
    // RFC 9051 §5.4: autologout
    this.#bye(this.#loggedIn ? 'Autologout; idle for too long' : 'Login takes too long');
  }

  upgraded(tls: TlsInfo): void {
    this.#tls = tls;
    // RFC 9051 §6.2.1: what came before the handshake is not trusted
    this.#queue.clear();
    this.#parked = false;
    this.#deadline = this.#options.clock.now() + this.limits.loginMilliseconds;
  }

  /** Says BYE as soon as no command is in progress, and closes. */
  shutdown(words: string = 'Server is shutting down'): void {
    this.#lastWords = words;
  }

  /** Writes an untagged response: the text without `* ` and CRLF, one character for each byte. */
  untagged(text: string): void {
    this.#output.text(`* ${text}\r\n`);
  }

  /** Writes responses made whole by the caller, one character for each byte. */
  write(text: string): void {
    this.#output.text(text);
  }

  /** As `write`, of bytes. They are not copied, and belong to the session. */
  writeBytes(bytes: Uint8Array): void {
    this.#output.bytes(bytes);
  }

  /** Whether a literal was begun and is not yet whole: nothing but its bytes may be written. */
  get inLiteral(): boolean {
    return this.#literalBytes > 0;
  }

  /** Begins a literal of so many bytes; `writeLiteral` brings them. */
  beginLiteral(sizeBytes: number, options: { readonly literal8?: boolean } = {}): void {
    this.#output.text(`${options.literal8 ? '~' : ''}{${sizeBytes}}\r\n`);
    this.#literalBytes = sizeBytes;
  }

  /** Bytes of a literal. They are not copied, and belong to the session. */
  writeLiteral(bytes: Uint8Array): void {
    this.#literalBytes -= bytes.length;
    if (this.#literalBytes < 0) throw new ImapError('literal-size', 'more bytes than the literal was announced with');
    this.#output.bytes(bytes);
  }

  /** Ends a literal. Too few bytes are a fault that only closing the connection can end. */
  endLiteral(): void {
    if (this.#literalBytes > 0) throw new ImapError('literal-size', 'fewer bytes than the literal was announced with');
  }

  /** Ends the command in progress with its tagged response. */
  complete(reply: TaggedReply): void {
    if (this.#append && !this.#append.finished) {
      this.#parked = false;
      return this.#refuseAppend(reply, this.#append.stop(reply));
    }
    if (!this.#parked) throw new ImapError('not-parked', 'no command waits for its end');
    this.#finish(this.#idling === 'broken' ? { status: 'BAD', text: 'DONE was expected' } : reply);
  }

  /** Lets the message announced last come. */
  acceptAppend(): void {
    if (!this.#append || !this.#parked) throw new ImapError('not-parked', 'no message waits to be accepted');
    this.#parked = false;
    if (this.#append.accept()) this.#output.text(proceed);
  }

  /** The login is good: the client is told, with what it may do now. */
  acceptLogin(): void {
    if (!this.#parked) throw new ImapError('not-parked', 'no login waits');
    this.#state = 'authenticated';
    this.#deadline = this.#options.clock.now() + this.limits.autologoutMilliseconds;
    this.#failures = 0;
    this.#finish({ status: 'OK', code: `CAPABILITY ${this.#capabilities()}`, text: 'Logged in' });
  }

  /** What came out of a look-up. */
  answerLookup(answer: SaslAnswer): void {
    if (!this.#exchange || !this.#parked) throw new ImapError('not-parked', 'no look-up waits');
    this.#parked = false;
    this.#authentication(this.#exchange.answer(answer));
  }

  /** Enables capabilities; gives those that are known and were not enabled before. */
  enable(names: readonly string[]): readonly string[] {
    const added = names.flatMap((name) => enableable.get(name.toUpperCase()) ?? []).filter((name) => !this.#enabled.has(name));
    for (const name of added) this.#enabled.add(name);
    return [...new Set(added)];
  }

  /** A mailbox was selected, or is no longer. */
  enter(state: 'selected' | 'authenticated'): void {
    if (this.#loggedIn) this.#state = state;
  }

  #capabilities(): string {
    const mechanisms = this.#loggedIn ? [] : offeredMechanisms(this.#sasl);
    return formatCapabilities({
      loggedIn: this.#loggedIn,
      starttls: this.#options.starttls === true && !this.#tls,
      mechanisms,
      loginDisabled: !mechanisms.includes('PLAIN'),
      appendBytes: this.limits.appendBytes,
    });
  }

  #hand(event: ImapServerEvent | TransportEvent): ImapServerEvent | TransportEvent {
    this.#parked = parkingEvents.has(event.type);
    return event;
  }

  /** One step through what was received. False where more is needed. */
  #step(): boolean {
    if (this.#append) return this.#appendStep(this.#append);
    if (this.#exchange) return this.#lineStep((line) => this.#exchange && this.#authentication(this.#exchange.respond(line)));
    if (this.#idling === 'idle') return this.#lineStep((line) => this.#endIdle(line));
    const frame = this.#framer.next();
    if (!frame) return false;
    this.#frame(frame);
    return true;
  }

  #lineStep(use: (line: string) => void): boolean {
    const line = this.#framer.line();
    if (line === undefined) return false;
    if (typeof line === 'string') use(line);
    else this.#frame(line);
    return true;
  }

  #frame(frame: Frame): void {
    switch (frame.type) {
      case 'command':
        return this.#command(parseCommand(frame.text, this.#parseOptions));
      case 'continue':
        return this.#output.text('+ Ready for literal data\r\n');
      case 'stream':
        return this.#beginAppend(parseCommand(frame.text, { ...this.#parseOptions, announcesMessage: true }));
      case 'refused':
        this.#tag = readTag(frame.text) ?? '*';
        return this.#bad({ status: 'BAD', code: 'TOOBIG', text: frame.problem });
      case 'overflow':
        return this.#bye(frame.problem);
    }
  }

  #command(parsed: ParsedCommand): void {
    this.#tag = parsed.tag;
    if (!parsed.ok) return this.#bad({ status: 'BAD', text: parsed.text });
    this.#badCommands = 0;
    const own = ImapServerSession.#own.get(parsed.command.name);
    if (own) own(this, parsed.command);
    else this.#events.push({ type: 'command', tag: parsed.tag, command: parsed.command });
  }

  #bad(reply: TaggedReply): void {
    this.#finish(reply);
    const { badCommands, badCommandsAfterLogin } = this.limits;
    if (++this.#badCommands >= (this.#loggedIn ? badCommandsAfterLogin : badCommands)) this.#bye('Too many commands that make no sense');
  }

  #finish(reply: TaggedReply): void {
    const code = reply.code === undefined ? '' : `[${reply.code}] `;
    this.#output.text(`${this.#tag} ${reply.status} ${code}${reply.text}\r\n`);
    this.#parked = false;
    // A command that took long is no silence of the client.
    if (this.#loggedIn) this.#deadline = this.#options.clock.now() + this.limits.autologoutMilliseconds;
    this.#exchange = undefined;
    this.#append = undefined;
    this.#idling = 'no';
  }

  #bye(words: string): void {
    if (this.#state === 'logout') return;
    this.#output.text(`* BYE ${words}\r\n`);
    this.#close();
  }

  #close(): void {
    if (this.#state === 'logout') return;
    this.#state = 'logout';
    this.#parked = false;
    this.#queue.clear();
    this.#events.push({ type: 'close' });
  }

  #endIdle(line: string): void {
    this.#idling = line.toUpperCase() === 'DONE' ? 'done' : 'broken';
    this.#events.push({ type: 'idle-done' });
  }

  #beginAppend(parsed: ParsedCommand): void {
    this.#tag = parsed.tag;
    if (!parsed.ok || parsed.command.name !== 'APPEND') return this.#bye('The command cannot be read');
    const append = new AppendReader(this.#framer, this.#queue, this.#parseOptions, this.limits);
    this.#append = append;
    const problem = append.announce((parsed.command as AppendCommand).message);
    if (problem) return this.#refuseAppend(problem, append.refuse(problem));
    this.#events.push({ type: 'append', tag: parsed.tag, command: parsed.command as AppendCommand });
  }

  #refuseAppend(reply: TaggedReply, refused: AppendRefusal): void {
    if (refused === 'now') this.#finish(reply);
    else if (refused === 'proceed') this.#output.text(proceed);
    else if (refused === 'never') {
      this.#finish(reply);
      this.#bye('The message is too large to be passed over');
    }
  }

  #appendStep(append: AppendReader): boolean {
    const step = append.step();
    if (step === undefined) return false;
    if (step.type === 'refused') {
      this.#finish(step.reply);
      if (step.abort) this.#events.push({ type: 'append-abort' });
      if (step.close) this.#bye('The message is too large to be passed over');
    } else if (step.type === 'proceed') this.#output.text(proceed);
    else if (step.type !== 'passed') this.#events.push(step);
    return true;
  }

  #authentication(step: AuthenticationStep): void {
    if (step.type === 'challenge') return this.#output.text(`+ ${step.text}\r\n`);
    if (step.type === 'lookup') return void this.#events.push({ type: 'sasl-lookup', lookup: step.lookup });
    if (step.type === 'success') return void this.#events.push({ type: 'authenticated', identity: step.identity });
    const { mechanism, reason, problem, authcid } = step;
    this.#events.push({ type: 'authentication-failed', mechanism, reason, problem, ...(authcid === undefined ? {} : { authcid }) });
    this.#finish(failureReply(reason));
    if (isGuess(reason) && ++this.#failures >= this.limits.authenticationFailures) this.#bye('Too many failed logins');
  }

  #capability(): void {
    this.untagged(`CAPABILITY ${this.#capabilities()}`);
    this.#finish({ status: 'OK', text: 'CAPABILITY completed' });
  }

  #logout(): void {
    this.#output.text('* BYE Goodbye\r\n');
    this.#finish({ status: 'OK', text: 'LOGOUT completed' });
    this.#close();
  }

  #starttls(): void {
    if (this.#options.starttls !== true || this.#tls) return this.#bad({ status: 'BAD', text: 'STARTTLS is not available' });
    this.#finish({ status: 'OK', text: 'Begin the TLS handshake now' });
    this.#queue.clear();
    this.#events.push({ type: 'start-tls' });
  }

  #idle(): void {
    this.#output.text('+ Idling\r\n');
    this.#idling = 'idle';
    this.#events.push({ type: 'idle' });
  }

  #login({ user, password }: LoginCommand): void {
    this.#start(ServerAuthentication.login(user, password, this.#sasl), {
      status: 'NO',
      code: 'PRIVACYREQUIRED',
      text: 'LOGIN is possible under TLS only',
    });
  }

  #authenticate(command: AuthenticateCommand): void {
    this.#start(ServerAuthentication.start(command, this.#sasl), {
      status: 'NO',
      code: 'CANNOT',
      text: 'this mechanism is not offered here',
    });
  }

  #start(started: ReturnType<typeof ServerAuthentication.login>, otherwise: TaggedReply): void {
    if (!started) return this.#finish(otherwise);
    this.#exchange = started.exchange;
    this.#authentication(started.step);
  }
}

/** What a client waits for that is about to send a message. */
const proceed = '+ Ready for the message\r\n';

/** Events that wait for an answer, and the one that waits for the handshake. */
const parkingEvents: ReadonlySet<string> = new Set([
  'command',
  'append',
  'append-next',
  'append-end',
  'sasl-lookup',
  'authenticated',
  'idle-done',
  'start-tls',
]);
