import type { Socket } from 'node:net';
import type { Clock, Logger, Session, TlsInfo, TransportEvent } from '@mox/runtime';
import { silentLogger } from '@mox/runtime';
import { systemClock } from './clock.ts';
import type { CloseReason, Connection, ServedSession, SessionFactory } from './connection.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import { OutputQueue } from './output-queue.ts';
import type { Upgraded } from './upgrade.ts';

/** How a session is driven. */
export interface ServeOptions {
  /** Names the connection in logs. */
  readonly id: string;
  /** What the handshake gave, where the connection began with TLS. */
  readonly tls?: TlsInfo;
  /** Does the TLS handshake that a session asks for. Without it, `start-tls` ends the connection. */
  readonly upgrade?: (socket: Socket) => Promise<Upgraded>;
  /** Received bytes that may wait for the session before reading pauses. Default 64 KiB. */
  readonly bufferLimitBytes?: number;
  /** How long a peer may take nothing of what is sent to it. Default 5 minutes. */
  readonly writeTimeoutMilliseconds?: number;
  /** How long a closing connection waits for the peer's close, so that the last words arrive. Default 2 s. */
  readonly lingerMilliseconds?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A connection in service. */
export interface Serving {
  readonly connection: Connection;
  /** Resolves when the connection is over and the service has cleaned up. */
  readonly closed: Promise<CloseReason>;
  /** Has the session say goodbye and close. */
  shutdown(): void;
  /** Ends the connection at once. */
  destroy(reason?: CloseReason): void;
}

const defaultWriteTimeout = 300_000;

function isTransportEvent(event: { readonly type: string }): event is TransportEvent {
  return event.type === 'start-tls' || event.type === 'close';
}

/** The driver's loop of `Session`: one socket, one machine, one service. */
class Driver<Event extends { readonly type: string }> implements Connection, Serving {
  readonly id: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  declare readonly tls?: TlsInfo;
  readonly closed: Promise<CloseReason>;

  #socket: Socket;
  #output: OutputQueue;
  readonly #options: ServeOptions;
  readonly #session: Session<Event>;
  readonly #served: ServedSession<Event>;
  readonly #timer: DeadlineTimer;
  readonly #bufferLimitBytes: number;
  #settle: (reason: CloseReason) => void = () => {};
  #abort: AbortController | undefined;
  #pumping = false;
  #paused = false;
  /** The peer has closed its side. */
  #ended = false;
  /** The session has asked to close: only its last output matters now. */
  #closing = false;
  #over = false;
  #problem: string | undefined;

  constructor(socket: Socket, factory: SessionFactory<Event>, options: ServeOptions) {
    this.#socket = socket;
    this.#options = options;
    this.id = options.id;
    this.remoteAddress = socket.remoteAddress ?? '';
    this.remotePort = socket.remotePort ?? 0;
    this.localAddress = socket.localAddress ?? '';
    this.localPort = socket.localPort ?? 0;
    if (options.tls) this.tls = options.tls;
    this.#bufferLimitBytes = options.bufferLimitBytes ?? 65_536;
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#output = this.#attach(socket);
    this.#served = factory(this);
    this.#session = this.#served.session;
    this.#timer = new DeadlineTimer(options.clock ?? systemClock, () => this.#session.deadline, this.#onDeadline);
  }

  get connection(): Connection {
    return this;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#over) this.#abort.abort();
    return this.#abort.signal;
  }

  start(): void {
    if (this.#socket.destroyed) this.#finish('peer');
    else this.#advance();
  }

  async flush(): Promise<void> {
    if (this.#over) return;
    this.#collect();
    this.#output.send();
    if (!this.#pumping) this.#advance();
    await this.#output.room();
  }

  shutdown(): void {
    if (this.#over || this.#closing) return;
    if (!this.#served.shutdown) return this.destroy('shutdown');
    this.#served.shutdown();
    void this.flush();
  }

  destroy(reason: CloseReason = 'shutdown'): void {
    this.#finish(reason);
  }

  #attach(socket: Socket): OutputQueue {
    socket.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose);
    return new OutputQueue(socket, this.#options.writeTimeoutMilliseconds ?? defaultWriteTimeout, () => this.#finish('write-timeout'));
  }

  #detach(socket: Socket): void {
    socket.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError).off('close', this.#onClose);
  }

  readonly #onData = (bytes: Uint8Array): void => {
    if (this.#over || this.#closing) return;
    this.#session.receive(bytes);
    if (this.#session.bufferedBytes > this.#bufferLimitBytes) this.#pause();
    if (!this.#pumping) this.#advance();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    if (this.#over || this.#closing) return;
    this.#session.receiveEnd();
    if (!this.#pumping) this.#advance();
  };

  readonly #onError = (error: Error): void => {
    this.#problem ??= error.message;
    this.#options.logger?.debug('connection failed', { connection: this.id, problem: error.message });
  };

  readonly #onClose = (): void => {
    this.#finish(this.#closing ? 'session' : 'peer');
  };

  readonly #onDeadline = (): void => {
    if (this.#over || this.#closing) return;
    this.#session.expire();
    if (!this.#pumping) this.#advance();
  };

  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  #collect(): void {
    for (let bytes = this.#session.takeOutput(); bytes; bytes = this.#session.takeOutput()) this.#output.add(bytes);
  }

  /** Goes on as far as the session can; never throws. */
  #advance(): void {
    this.#pumping = true;
    this.#pump().catch((error: unknown) => {
      (this.#options.logger ?? silentLogger).error('a connection was ended by a fault of this program', {
        connection: this.id,
        problem: error instanceof Error ? error.stack : String(error),
      });
      this.#finish('fault');
    });
  }

  async #pump(): Promise<void> {
    while (!this.#over) {
      const event = this.#session.next();
      this.#collect();
      if (!event) break;
      if (isTransportEvent(event)) {
        if (event.type === 'close') return this.#close();
        await this.#startTls();
        continue;
      }
      const handled = this.#served.handle(event);
      if (handled) {
        await this.#sendUnlessDone(handled);
        this.#collect();
      }
      if (this.#output.full) await this.#output.room();
    }
    this.#rest();
  }

  /**
   * Waits for a handler. What was said before it goes out meanwhile, unless the handler is done at once: so the replies to
   * pipelined commands leave together (RFC 2920 §3.2).
   */
  async #sendUnlessDone(handled: Promise<void>): Promise<void> {
    if (!this.#output.pending) return handled;
    const sending = setImmediate(this.#send);
    try {
      await handled;
    } finally {
      clearImmediate(sending);
    }
  }

  readonly #send = (): void => this.#output.send();

  /** Nothing to do until more input, an answer or the deadline. */
  #rest(): void {
    this.#pumping = false;
    if (this.#over) return;
    this.#output.send();
    if (this.#paused && this.#session.bufferedBytes <= this.#bufferLimitBytes) {
      this.#paused = false;
      this.#socket.resume();
    }
    this.#timer.update();
    // A session that has nothing to say to the peer's end is over with it.
    if (this.#ended && !this.#session.parked) this.#close();
  }

  async #startTls(): Promise<void> {
    const { upgrade } = this.#options;
    if (!upgrade) throw new TypeError('the session starts TLS, but there is nothing to do it with');
    const clear = this.#socket;
    await this.#output.drain();
    if (this.#over) return;
    this.#detach(clear);
    clear.on('error', this.#onError);
    try {
      const { socket, info } = await upgrade(clear);
      if (this.#over) return void socket.destroy();
      this.#socket = socket;
      this.#output = this.#attach(socket);
      this.#session.upgraded(info);
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#options.logger?.info('TLS handshake failed', { connection: this.id, remote: this.remoteAddress, problem: this.#problem });
      this.#finish('tls-failed');
    }
  }

  /** Sends the last words, however long the peer takes, then waits a while for it to close: closing at once may take them from it. */
  #close(): void {
    if (this.#over || this.#closing) return;
    this.#closing = true;
    this.#timer.stop();
    this.#output.send();
    const socket = this.#socket;
    socket.setTimeout(this.#options.writeTimeoutMilliseconds ?? defaultWriteTimeout, () => this.#finish('write-timeout'));
    socket.resume();
    socket.end(() => {
      setTimeout(() => this.#finish('session'), this.#options.lingerMilliseconds ?? 2_000).unref();
    });
  }

  #finish(reason: CloseReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer.stop();
    this.#output.stop();
    this.#socket.destroy();
    this.#abort?.abort();
    this.#cleanUp(reason).then(
      () => this.#settle(reason),
      (error: unknown) => {
        this.#options.logger?.error('cleaning up after a connection failed', { connection: this.id, problem: String(error) });
        this.#settle(reason);
      },
    );
  }

  async #cleanUp(reason: CloseReason): Promise<void> {
    await this.#served.close?.(reason, this.#problem);
  }
}

/**
 * Runs a session on a socket until it is over: reads with back-pressure, hands events to the service one at a
 * time, sends what comes out in few writes, keeps deadlines, does STARTTLS in place.
 */
export function serveSession<Event extends { readonly type: string }>(
  socket: Socket,
  factory: SessionFactory<Event>,
  options: ServeOptions,
): Serving {
  const driver = new Driver(socket, factory, options);
  driver.start();
  return driver;
}
