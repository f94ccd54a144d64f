import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { parseMessage } from '@mox/dns';
import type { Random } from '@mox/runtime';
import { describeError, type Exchange, type ExchangeOptions } from './exchange.ts';
import { FrameReader } from './frame-reader.ts';
import { matchResponse } from './match-response.ts';
import { formatServer, type NameServer, portOf } from './name-server.ts';

/** How long a connection without questions is kept (RFC 7766 §6.2.3). */
const idleMilliseconds = 5000;

interface Waiting {
  readonly query: Uint8Array;
  readonly canonical: boolean;
  readonly end: (exchange: Exchange) => void;
}

function openSocket(server: NameServer): Socket {
  const host = server.address;
  const port = portOf(server);
  if (server.transport !== 'tls') return connect({ host, port, noDelay: true });
  // RFC 7858 §3.2: from the first byte on; authenticated by the name on the certificate, or for privacy alone (RFC 7858 §4.1).
  // deviates RFC 7858 §4.2: keys are not pinned. Names and authorities, or a certificate of one's own as `ca`, serve the same.
  const { serverName, ca, opportunistic } = server.tls ?? {};
  return connectTls({
    host,
    port,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['dot'],
    rejectUnauthorized: opportunistic !== true,
    ...(serverName !== undefined && { servername: serverName }),
    ...(ca !== undefined && { ca }),
  });
}

function readFrame(server: NameServer, frame: Uint8Array, match: 'exact' | 'folded', canonical: boolean): Exchange {
  const parsed = parseMessage(frame, { canonical });
  if (parsed.ok) return { status: 'message', message: parsed.value, folded: match === 'folded' };
  return { status: 'malformed-answer', problem: `${formatServer(server)}: ${parsed.error.message} at byte ${parsed.error.offset}` };
}

/** A connection to a server, over TCP (RFC 7766) or TLS (RFC 7858 §3.3), for many questions at once, answered in any order. */
export class StreamConnection {
  readonly #server: NameServer;
  readonly #random: Random;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #idle: NodeJS.Timeout | undefined;
  #received = 0;

  constructor(server: NameServer, random: Random) {
    this.#server = server;
    this.#random = random;
    const frames = new FrameReader();
    this.#socket = openSocket(server);
    this.#socket.on('data', (bytes: Uint8Array) => {
      for (const frame of frames.push(bytes)) this.#take(frame);
    });
    this.#socket.on('error', (error) => this.#fail(describeError(error)));
    this.#socket.on('close', () => this.#fail('the connection was closed'));
  }

  /** Whether it can take another question. */
  get open(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && this.#waiting.size < 0x4000;
  }

  /** Messages that have come over it. */
  get receivedCount(): number {
    return this.#received;
  }

  /** Closes it at once; who waits is told that the server is unreachable. */
  close(): void {
    clearTimeout(this.#idle);
    this.#socket.destroy();
    this.#fail('the connection was closed');
  }

  /** Asks a question; its ID is replaced by one that is free here. Rejects with the signal's reason alone. */
  exchange(query: Uint8Array, options: ExchangeOptions): Promise<Exchange> {
    const { signal, timeoutMilliseconds, canonical = false } = options;
    const id = this.#freeId();
    const framed = frameQuery(query, id);
    const before = this.#received;
    return new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#leave(id);
        act();
      };
      const abort = (): void => finish(() => reject(signal?.reason));
      const timer = setTimeout(() => {
        finish(() => resolve({ status: 'timeout', problem: `no answer from ${formatServer(this.#server)} in ${timeoutMilliseconds} ms` }));
        // Nothing at all came meanwhile: the way there is dead, and others are not to wait on it.
        if (this.#received === before) this.close();
      }, timeoutMilliseconds);
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.set(id, { query: framed.subarray(2), canonical, end: (exchange) => finish(() => resolve(exchange)) });
      clearTimeout(this.#idle);
      this.#socket.ref();
      this.#socket.write(framed);
    });
  }

  #freeId(): number {
    for (;;) {
      const [high = 0, low = 0] = this.#random.bytes(2);
      if (!this.#waiting.has(high * 256 + low)) return high * 256 + low;
    }
  }

  #take(frame: Uint8Array): void {
    this.#received++;
    const waiting = this.#waiting.get(((frame[0] ?? 0) << 8) | (frame[1] ?? 0));
    const match = waiting && matchResponse(waiting.query, frame);
    if (waiting && match && match !== 'none') waiting.end(readFrame(this.#server, frame, match, waiting.canonical));
  }

  #leave(id: number): void {
    this.#waiting.delete(id);
    if (this.#waiting.size > 0) return;
    // Neither the socket nor its timer keeps a program alive that has nothing else to do.
    this.#socket.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#socket.destroy(), idleMilliseconds).unref();
  }

  #fail(problem: string): void {
    for (const { end } of this.#waiting.values()) end({ status: 'unreachable', problem: `${formatServer(this.#server)}: ${problem}` });
  }
}

function frameQuery(query: Uint8Array, id: number): Uint8Array {
  const framed = new Uint8Array(2 + query.length);
  framed[0] = query.length >>> 8;
  framed[1] = query.length & 0xff;
  framed.set(query, 2);
  framed[2] = id >>> 8;
  framed[3] = id & 0xff;
  return framed;
}

/** The connections of one resolver: one to each server, opened when it is wanted and used again (RFC 7766 §6.2.1, RFC 7858 §3.4). */
export class StreamConnections {
  readonly #random: Random;
  readonly #connections = new Map<NameServer, StreamConnection>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Asks a question over the connection to a server. */
  async exchange(server: NameServer, query: Uint8Array, options: ExchangeOptions): Promise<Exchange> {
    const kept = this.#connections.get(server);
    const reused = kept?.open === true && kept.receivedCount > 0;
    const exchange = await this.#connection(server).exchange(query, options);
    // A server may close an idle connection just when we write to it (RFC 7766 §6.2.4): once more, over a new one.
    if (exchange.status === 'unreachable' && reused) return this.#connection(server).exchange(query, options);
    return exchange;
  }

  /** Closes all connections. */
  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  #connection(server: NameServer): StreamConnection {
    const kept = this.#connections.get(server);
    if (kept?.open) return kept;
    const connection = new StreamConnection(server, this.#random);
    this.#connections.set(server, connection);
    return connection;
  }
}
