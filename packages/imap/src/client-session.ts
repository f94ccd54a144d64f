import type { Clock, Session, TlsInfo, TransportEvent } from '@mox/runtime';
import { ByteQueue } from './byte-queue.ts';
import type { CommandBuilder, CommandPiece } from './command-builder.ts';
import { OutputBuffer } from './output-buffer.ts';
import { parseFrame } from './parse-response.ts';
import type { ImapResponse } from './response.ts';
import { ResponseFramer, type ResponseLimits } from './response-framer.ts';

/** What a client session tells its user. None parks: commands may be sent at any time. */
export type ImapClientEvent =
  /** A response, the greeting first. Continuations that let a literal of ours come are not among them. */
  | { readonly type: 'response'; readonly response: ImapResponse }
  /** The server did not answer in time, or sent too much. The session closes. */
  | { readonly type: 'broken'; readonly problem: string };

/** Bytes of a literal that LITERAL- lets go without waiting (RFC 7888 §5). */
const smallLiteralBytes = 4096;

/** What a client session is made of. */
export interface ImapClientOptions {
  readonly clock: Clock;
  readonly limits?: Partial<ResponseLimits>;
  /** Longest silence while commands are under way. Default 5 minutes. */
  readonly timeoutMilliseconds?: number;
}

/**
 * The client's side of an IMAP connection as a machine: tags and sends commands, holds literals back until the server lets them
 * come, and gives out responses parsed. What a command means is left to its user.
 */
export class ImapClientSession implements Session<ImapClientEvent> {
  readonly parked: boolean = false;
  readonly #options: ImapClientOptions;
  readonly #queue = new ByteQueue();
  readonly #framer: ResponseFramer;
  readonly #output = new OutputBuffer();
  readonly #events: (ImapClientEvent | TransportEvent)[] = [];
  /** Commands of which a literal, or all, may be sent only when the server has asked for the first one's literal. */
  readonly #waiting: { readonly tag: string | undefined; readonly pieces: readonly CommandPiece[] }[] = [];
  readonly #pending = new Set<string>();
  #tagNumber = 0;
  #deadline: number;
  #closed = false;
  /** The server has said goodbye. */
  #bye = false;
  #startTlsTag: string | undefined;
  /** Whether mailbox names are UTF-8: set it when the server has answered ENABLE. */
  utf8 = false;
  /** Whether literals may be sent without waiting (RFC 7888): set `true` when the server has announced LITERAL+, `'small'` for LITERAL-. */
  nonSynchronizingLiterals: boolean | 'small' = false;

  constructor(options: ImapClientOptions) {
    this.#options = options;
    this.#framer = new ResponseFramer(this.#queue, { lineBytes: 16_777_216, literalBytes: 268_435_456, ...options.limits });
    this.#deadline = this.#due();
  }

  get bufferedBytes(): number {
    return 0;
  }

  get deadline(): number | undefined {
    return this.#closed ? undefined : this.#deadline;
  }

  /** Sends a command; gives its tag. */
  send(command: CommandBuilder): string {
    const tag = `A${++this.#tagNumber}`;
    this.#pending.add(tag);
    this.#deadline = this.#due();
    this.#sendPieces(tag, [`${tag} `, ...command.pieces(), '\r\n']);
    return tag;
  }

  /** Sends STARTTLS; the handshake follows when the server agrees (RFC 9051 §6.2.1). */
  startTls(): string {
    const tag = `A${++this.#tagNumber}`;
    this.#startTlsTag = tag;
    this.#sendPieces(tag, [`${tag} STARTTLS\r\n`]);
    return tag;
  }

  /** Sends a line by itself: a SASL response in base64, or DONE. ASCII. */
  sendLine(line: string): void {
    this.#sendPieces(undefined, [`${line}\r\n`]);
  }

  receive(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#deadline = this.#due();
  }

  receiveEnd(): void {
    if (this.#closed) return;
    if (this.#bye) this.close();
    else this.#break('the server closed the connection');
  }

  takeOutput(): Uint8Array | undefined {
    return this.#output.take();
  }

  next(): ImapClientEvent | TransportEvent | undefined {
    for (;;) {
      const event = this.#events.shift();
      if (event || this.#closed) return event;
      const frame = this.#framer.next();
      if (!frame) return undefined;
      if (frame.type === 'overflow') this.#break(frame.problem);
      else this.#response(parseFrame(frame, { utf8: this.utf8 }));
    }
  }

  expire(): void {
    if (this.#pending.size > 0) this.#break('the server does not answer');
    else this.#deadline = this.#due();
  }

  upgraded(_tls: TlsInfo): void {
    this.#queue.clear();
  }

  /** Closes without a word. */
  close(): void {
    this.#closed = true;
    this.#events.push({ type: 'close' });
  }

  #due(): number {
    return this.#options.clock.now() + (this.#options.timeoutMilliseconds ?? 300_000);
  }

  #break(problem: string): void {
    this.#events.push({ type: 'broken', problem });
    this.close();
  }

  #response(response: ImapResponse): void {
    if (response.type === 'continue' && this.#waiting.length > 0) return this.#release();
    if (response.type === 'tagged') this.#tagged(response);
    this.#events.push({ type: 'response', response });
    if (response.type === 'status' && response.status === 'BYE') this.#bye = true;
    if (this.#bye && this.#pending.size === 0) this.close();
  }

  #tagged({ tag, status }: Extract<ImapResponse, { readonly type: 'tagged' }>): void {
    this.#pending.delete(tag);
    if (this.#waiting[0]?.tag === tag) {
      // A command that was refused takes its literals with it; what was held back behind it may go.
      this.#waiting.shift();
      this.#writeOn();
    }
    if (tag !== this.#startTlsTag || status !== 'OK') return;
    this.#queue.clear();
    this.#events.push({ type: 'start-tls' });
  }

  #sendPieces(tag: string | undefined, pieces: readonly CommandPiece[]): void {
    this.#waiting.push({ tag, pieces });
    if (this.#waiting.length === 1) this.#writeOn();
  }

  /** The literal that was asked for, and what follows it. */
  #release(): void {
    const [first] = this.#waiting;
    const [literal, ...others] = first?.pieces ?? [];
    if (typeof literal === 'object') this.#output.bytes(literal.literal);
    this.#waiting[0] = { tag: first?.tag, pieces: others };
    this.#writeOn();
  }

  /** Writes as far as may be: up to a literal that the server must ask for. */
  #writeOn(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const held = this.#write(next.pieces);
      if (held) {
        this.#waiting[0] = { tag: next.tag, pieces: held };
        return;
      }
      this.#waiting.shift();
    }
  }

  /** Writes pieces; gives those from the literal on that must be asked for. */
  #write(pieces: readonly CommandPiece[]): readonly CommandPiece[] | undefined {
    for (const [index, piece] of pieces.entries()) {
      if (typeof piece === 'string') {
        this.#output.text(piece);
        continue;
      }
      const { length } = piece.literal;
      const atOnce = this.nonSynchronizingLiterals === true || (this.nonSynchronizingLiterals === 'small' && length <= smallLiteralBytes);
      this.#output.text(`${piece.literal8 ? '~' : ''}{${length}${atOnce ? '+' : ''}}\r\n`);
      if (!atOnce) return pieces.slice(index);
      this.#output.bytes(piece.literal);
    }
    return undefined;
  }
}
