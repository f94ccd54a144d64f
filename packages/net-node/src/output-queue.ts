import type { Socket } from 'node:net';
import { concatBytes } from '@mox/runtime';

/** Bytes gathered before they are handed to the socket although the session has more to say. */
const sendAtBytes = 65_536;
/** Pieces from this size on are not worth copying together. */
const largePieceBytes = 16_384;

/** What is on its way to a peer: small pieces go out together, and a peer that takes nothing is given up. */
export class OutputQueue {
  readonly #socket: Socket;
  readonly #timeoutMilliseconds: number;
  readonly #onTimeout: () => void;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #waiting: (() => void)[] = [];
  #stopped = false;

  constructor(socket: Socket, timeoutMilliseconds: number, onTimeout: () => void) {
    this.#socket = socket;
    this.#timeoutMilliseconds = timeoutMilliseconds;
    this.#onTimeout = onTimeout;
  }

  add(bytes: Uint8Array): void {
    if (this.#stopped) return;
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= sendAtBytes) this.send();
  }

  /** Whether something was gathered that is not on its way yet. */
  get pending(): boolean {
    return this.#bytes > 0;
  }

  /** Hands what was gathered to the socket. */
  send(): void {
    if (this.#bytes === 0 || this.#stopped) return;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#bytes = 0;
    if (this.#socket.destroyed || !this.#socket.writable) return;
    if (pieces.length > 1 && pieces.some((piece) => piece.length >= largePieceBytes)) {
      this.#socket.cork();
      for (const piece of pieces) this.#socket.write(piece);
      this.#socket.uncork();
    } else this.#socket.write(concatBytes(pieces));
    if (this.full) this.#watch();
  }

  /** Whether the peer is behind with reading. */
  get full(): boolean {
    return this.#socket.writableNeedDrain && !this.#stopped;
  }

  /** Resolves when the peer has caught up, or the connection is over. */
  room(): Promise<void> {
    if (!this.full) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Sends all, and resolves when the system has taken all of it, or the connection is over. */
  async drain(): Promise<void> {
    this.send();
    while (!this.#stopped && this.#socket.writableLength > 0) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        this.#socket.write('', () => this.#release());
      });
    }
  }

  /** The connection is over. */
  stop(): void {
    this.#stopped = true;
    this.#pieces = [];
    this.#bytes = 0;
    this.#release();
  }

  /** Node's own socket timer: a write that makes headway winds it up again. */
  #watch(): void {
    if (this.#socket.listenerCount('drain', this.#release) > 0) return;
    this.#socket.setTimeout(this.#timeoutMilliseconds, this.#onTimeout);
    this.#socket.once('drain', this.#release);
  }

  readonly #release = (): void => {
    if (!this.#stopped) this.#socket.setTimeout(0, this.#onTimeout);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  };
}
