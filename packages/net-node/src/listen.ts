import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Clock, type Logger, silentLogger } from '@mox/runtime';
import type { SessionFactory } from './connection.ts';
import { ConnectionCounter, type ConnectionLimits } from './connection-limits.ts';
import { NetError, netErrorFrom } from './net-error.ts';
import { type ServeOptions, type Serving, serveSession } from './serve-session.ts';
import { type ServerTlsOptions, type Upgraded, upgradeServer } from './upgrade.ts';

/** Connections that were refused and are being told so, at once; beyond that they are just closed. */
const mostRefusals = 100;
const refusalMilliseconds = 1_000;

/** Where and how to listen. */
export interface ListenOptions<Event extends { readonly type: string }> {
  /** Address to listen on, e.g. `127.0.0.1`, `::`. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** `implicit`: the handshake comes first (RFC 8314 §3). `starttls`: when the session asks for it. */
  readonly tls?: ServerTlsOptions & { readonly mode: 'implicit' | 'starttls' };
  /** Makes the service's side of each connection. */
  readonly serve: SessionFactory<Event>;
  readonly limits?: ConnectionLimits;
  /** A counter shared by several listeners, in place of `limits`. */
  readonly counter?: ConnectionCounter;
  /** What a connection beyond the limits is told, in the protocol's words, before it is closed. Nothing is said before an implicit handshake. */
  readonly refusal?: (limit: 'total' | 'address') => Uint8Array;
  readonly session?: Pick<ServeOptions, 'bufferLimitBytes' | 'writeTimeoutMilliseconds' | 'lingerMilliseconds'>;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A port that is listened on. */
export interface Listener {
  readonly address: { readonly host: string; readonly port: number };
  /** Connections open now. */
  readonly connections: number;
  /**
   * Stops: takes no further connections, has the open ones say goodbye, waits for them as long as the grace
   * lasts, and ends those that remain. Resolves when all are over.
   */
  close(options?: { readonly graceMilliseconds?: number }): Promise<void>;
}

class PortListener<Event extends { readonly type: string }> implements Listener {
  address: { readonly host: string; readonly port: number } = { host: '', port: 0 };
  readonly #server: Server;
  readonly #options: ListenOptions<Event>;
  readonly #logger: Logger;
  readonly #counter: ConnectionCounter;
  readonly #serving = new Set<Serving>();
  /** Sockets in an implicit handshake: nothing can be said to them yet. */
  readonly #handshaking = new Set<Socket>();
  #refusing = 0;
  #stopping = false;

  constructor(options: ListenOptions<Event>) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#counter = options.counter ?? new ConnectionCounter(options.limits);
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 120_000 }, (socket) =>
      this.#accept(socket),
    );
  }

  async start(): Promise<void> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const onError = (error: Error): void => reject(netErrorFrom(error, `listening on ${host} port ${port}`));
      this.#server.once('error', onError).listen({ host, port, backlog: 511 }, () => {
        this.#server.off('error', onError);
        resolve();
      });
    });
    const { address, port: bound } = this.#server.address() as AddressInfo;
    this.address = { host: address, port: bound };
    this.#server.on('error', (error) => this.#logger.error('accepting connections failed', { problem: error.message }));
  }

  get connections(): number {
    return this.#serving.size + this.#handshaking.size;
  }

  async close(options: { readonly graceMilliseconds?: number } = {}): Promise<void> {
    this.#stopping = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#handshaking) socket.destroy();
    for (const serving of this.#serving) serving.shutdown();
    const timer = setTimeout(() => {
      for (const serving of this.#serving) serving.destroy('shutdown');
    }, options.graceMilliseconds ?? 5_000);
    await Promise.all([closed, ...[...this.#serving].map((serving) => serving.closed)]);
    clearTimeout(timer);
  }

  #accept(socket: Socket): void {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return void socket.destroy(); // gone already
    const limit = this.#counter.enter(remoteAddress);
    if (limit) return this.#refuse(socket, limit);
    socket.once('close', () => this.#counter.leave(remoteAddress));
    const id = randomBytes(6).toString('base64url');
    if (this.#options.tls?.mode !== 'implicit') return this.#serve(socket, id);
    this.#handshake(socket, id).catch((error: unknown) =>
      this.#logger.info('TLS handshake failed', {
        connection: id,
        remote: remoteAddress,
        problem: error instanceof NetError ? error.message : String(error),
      }),
    );
  }

  async #handshake(socket: Socket, id: string): Promise<void> {
    this.#handshaking.add(socket);
    try {
      const upgraded = await this.#upgrade(socket);
      if (this.#stopping) upgraded.socket.destroy();
      else this.#serve(upgraded.socket, id, upgraded);
    } finally {
      this.#handshaking.delete(socket);
    }
  }

  #upgrade(socket: Socket): Promise<Upgraded> {
    const { tls } = this.#options;
    if (!tls) throw new TypeError('this listener has no TLS');
    return upgradeServer(socket, tls);
  }

  #serve(socket: Socket, id: string, upgraded?: Upgraded): void {
    const { serve, tls, session, clock } = this.#options;
    const serving = serveSession(socket, serve, {
      ...session,
      id,
      logger: this.#logger,
      ...(clock ? { clock } : {}),
      ...(upgraded ? { tls: upgraded.info } : {}),
      ...(tls?.mode === 'starttls' ? { upgrade: (clear: Socket) => this.#upgrade(clear) } : {}),
    });
    this.#serving.add(serving);
    void serving.closed.then(() => this.#serving.delete(serving));
  }

  /** Tells a connection beyond the limits why, and closes it. */
  #refuse(socket: Socket, limit: 'total' | 'address'): void {
    this.#logger.warn('connection refused: too many', { remote: socket.remoteAddress, limit });
    socket.on('error', () => {});
    const words = this.#options.tls?.mode === 'implicit' ? undefined : this.#options.refusal?.(limit);
    if (!words || this.#refusing >= mostRefusals) return void socket.destroy();
    this.#refusing++;
    const timer = setTimeout(() => socket.destroy(), refusalMilliseconds);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#refusing--;
    });
    socket.resume().end(words);
  }
}

/** Listens on a port and serves every connection with a session of its own. Throws a `NetError` where the port cannot be had. */
export async function listen<Event extends { readonly type: string }>(options: ListenOptions<Event>): Promise<Listener> {
  const listener = new PortListener(options);
  await listener.start();
  return listener;
}
