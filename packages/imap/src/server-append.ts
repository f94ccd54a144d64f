import type { ByteQueue } from './byte-queue.ts';
import { CommandCursor, CommandProblem, type ParseOptions } from './command-cursor.ts';
import type { CommandFramer } from './command-framer.ts';
import { type AppendMessage, parseAppendMessage } from './commands/append.ts';
import type { ImapLimits } from './limits.ts';
import { type ParseCommandOptions, parseCommand } from './parse-command.ts';
import type { TaggedReply } from './server-event.ts';

/** Whether a text is APPEND up to the announcement of its first message, not of its mailbox name. */
export function announcesAppend(text: string, options: ParseCommandOptions): boolean {
  if (!/^[^ ]+ APPEND /i.test(text)) return false;
  return parseCommand(text, { ...options, announcesMessage: true }).ok;
}

/**
 * How an APPEND that is refused ends: `now` the reply may go out; `later` it comes out of `step`; `proceed` likewise, but the client
 * waits to be told to go on; `never` is there an end worth waiting for.
 */
export type AppendRefusal = 'now' | 'later' | 'proceed' | 'never';

/** What a step through an APPEND gives. */
export type AppendStep =
  | { readonly type: 'append-chunk'; readonly bytes: Uint8Array }
  | { readonly type: 'append-next'; readonly message: AppendMessage }
  | { readonly type: 'append-end' }
  /** Nothing to tell; go on. */
  | { readonly type: 'passed' }
  /** Nothing to tell, but the client waits for the continuation. */
  | { readonly type: 'proceed' }
  /** The command is over. `abort`: the service must be told; `close`: more is coming than will be read. */
  | { readonly type: 'refused'; readonly reply: TaggedReply; readonly abort: boolean; readonly close: boolean };

/** Reads the messages of an APPEND as they come, or passes over them (RFC 9051 §6.3.12, RFC 3502). */
export class AppendReader {
  readonly #framer: CommandFramer;
  readonly #queue: ByteQueue;
  readonly #options: ParseOptions;
  readonly #limits: ImapLimits;
  #message: AppendMessage | undefined;
  /** Bytes of the message still to come; -1: a message is announced and not yet accepted. */
  #leftBytes = -1;
  #messages = 0;
  #refusal: TaggedReply | undefined;
  #finished = false;
  /** The service has accepted a message, and must be told how it ends. */
  #told = false;

  constructor(framer: CommandFramer, queue: ByteQueue, options: ParseOptions, limits: ImapLimits) {
    this.#framer = framer;
    this.#queue = queue;
    this.#options = options;
    this.#limits = limits;
  }

  /** Whether all messages are there: the command waits for its end only. */
  get finished(): boolean {
    return this.#finished;
  }

  /** A message is about to come. Gives the reason where it will not do. */
  announce(message: AppendMessage): TaggedReply | undefined {
    this.#message = message;
    this.#leftBytes = -1;
    // RFC 7889 §4: TOOBIG for what is beyond APPENDLIMIT
    if (message.sizeBytes > this.#limits.appendBytes) return { status: 'NO', code: 'TOOBIG', text: 'the message is too large' };
    if (message.sizeBytes === 0) return { status: 'NO', text: 'a message of no bytes cancels APPEND' };
    if (++this.#messages > this.#limits.appendMessages) return { status: 'NO', code: 'LIMIT', text: 'too many messages in one APPEND' };
    return undefined;
  }

  /** The message may come. True where the client waits to be told so. */
  accept(): boolean {
    this.#leftBytes = this.#message?.sizeBytes ?? 0;
    this.#told = true;
    return this.#message?.nonSynchronizing !== true;
  }

  /** The service wants no more, and knows it. As `refuse`. */
  stop(reply: TaggedReply): AppendRefusal {
    this.#told = false;
    return this.refuse(reply);
  }

  /** The rest is not wanted. */
  refuse(reply: TaggedReply): AppendRefusal {
    const waits = this.#leftBytes < 0 && this.#message?.nonSynchronizing !== true;
    // A client that cancels by a message of no bytes may end its line without waiting (RFC 3502 §6.3.11).
    if (waits && this.#message?.sizeBytes !== 0) return 'now';
    if (this.#leftBytes < 0) this.#leftBytes = this.#message?.sizeBytes ?? 0;
    if (this.#leftBytes > this.#limits.appendBytes) return 'never';
    this.#refusal = reply;
    return waits ? 'proceed' : 'later';
  }

  /** The next piece; undefined where more bytes are needed. */
  step(): AppendStep | undefined {
    if (this.#leftBytes > 0) return this.#chunk();
    const line = this.#framer.line();
    if (line === undefined) return undefined;
    return typeof line === 'string' ? this.#tail(line) : this.#failed({ status: 'BAD', text: 'the line is too long' }, true);
  }

  #chunk(): AppendStep | undefined {
    const bytes = this.#queue.take(this.#leftBytes);
    if (bytes.length === 0) return undefined;
    this.#leftBytes -= bytes.length;
    return this.#refusal ? { type: 'passed' } : { type: 'append-chunk', bytes };
  }

  /** What stands behind a message: nothing, or what announces the next one. */
  #tail(line: string): AppendStep {
    const rest = this.#message?.utf8 && line.startsWith(')') ? line.slice(1) : line;
    if (rest === '') {
      if (this.#refusal) return this.#failed(this.#refusal, false);
      this.#finished = true;
      return { type: 'append-end' };
    }
    const cursor = new CommandCursor(rest, this.#options);
    try {
      const message = parseAppendMessage(cursor);
      cursor.end();
      return this.#next(message);
    } catch (error) {
      if (!(error instanceof CommandProblem)) throw error;
      return this.#failed({ status: 'BAD', text: error.message }, false);
    }
  }

  #next(message: AppendMessage): AppendStep {
    const problem = this.#refusal ?? this.announce(message);
    if (!problem) return { type: 'append-next', message };
    this.#message = message;
    this.#leftBytes = -1;
    const refused = this.refuse(problem);
    if (refused === 'later') return { type: 'passed' };
    if (refused === 'proceed') return { type: 'proceed' };
    return this.#failed(problem, refused === 'never');
  }

  #failed(reply: TaggedReply, close: boolean): AppendStep {
    this.#finished = true;
    return { type: 'refused', reply: this.#refusal ?? reply, abort: this.#told, close };
  }
}
