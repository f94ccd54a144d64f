// Clients that cost little themselves: SMTP and IMAP with raw sockets.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { stuffDots } from '../test/support/smtp-peer.ts';

/** A connection whose replies are awaited by pattern. */
class RawConnection {
  readonly socket: Socket;
  /** All bytes received. */
  receivedBytes = 0;
  #tail = '';
  #wanted: RegExp | undefined;
  #resolve: (text: string) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.receivedBytes += bytes.length;
      // What is looked for ends a reply: only the tail matters, however much came before.
      this.#tail =
        bytes.length > 4_096 ? bytes.toString('latin1', bytes.length - 4_096) : `${this.#tail}${bytes.toString('latin1')}`.slice(-4_096);
      this.#look();
    });
    socket.on('close', () => this.#reject(new Error('the connection was closed')));
    socket.on('error', () => {});
  }

  expect(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#wanted = pattern;
      this.#resolve = resolve;
      this.#reject = reject;
      this.#look();
    });
  }

  #look(): void {
    const match = this.#wanted?.exec(this.#tail);
    if (!match) return;
    this.#wanted = undefined;
    this.#tail = '';
    this.#resolve(match[0]);
  }
}

async function open(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return new RawConnection(socket);
}

/** Sends messages over some connections for a while; gives acknowledged messages a second. */
export async function sendMail(options: {
  readonly port: number;
  readonly to: string;
  readonly connections: number;
  readonly message: Buffer;
  readonly milliseconds: number;
}): Promise<{ readonly perSecond: number; readonly count: number; readonly startedAt: number }> {
  const { port, to, connections, milliseconds } = options;
  const data = stuffDots(options.message);
  const envelope = `MAIL FROM:<sender@example.org>\r\nRCPT TO:<${to}>\r\nDATA\r\n`;
  const peers = await Promise.all(
    Array.from({ length: connections }, async () => {
      const peer = await open(port);
      await peer.expect(/220 [^\n]*\n$/);
      peer.socket.write('EHLO bench.example\r\n');
      await peer.expect(/250 [^\n]*\n$/);
      return peer;
    }),
  );
  let count = 0;
  const startedAt = performance.now();
  const until = startedAt + milliseconds;
  await Promise.all(
    peers.map(async (peer) => {
      while (performance.now() < until) {
        peer.socket.write(envelope);
        await peer.expect(/354 [^\n]*\n$/);
        peer.socket.write(data);
        const reply = await peer.expect(/\d{3} [^\n]*\n$/);
        if (!reply.startsWith('250')) throw new Error(reply);
        count++;
      }
    }),
  );
  const perSecond = count / ((performance.now() - startedAt) / 1_000);
  for (const peer of peers) peer.socket.destroy();
  return { perSecond, count, startedAt };
}

/** A client of IMAP that sends commands and measures how long they take. */
export class ImapBench {
  readonly #connection: RawConnection;
  #tag = 0;

  private constructor(connection: RawConnection) {
    this.#connection = connection;
  }

  static async open(port: number, user: string, password: string): Promise<ImapBench> {
    const connection = await open(port);
    await connection.expect(/\* OK [^\n]*\n$/);
    const client = new ImapBench(connection);
    await client.command(`LOGIN "${user}" "${password}"`);
    return client;
  }

  /** Sends a command; gives milliseconds until its end, and bytes received. */
  async command(text: string | Buffer): Promise<{ readonly milliseconds: number; readonly bytes: number }> {
    const tag = `t${++this.#tag}`;
    const before = this.#connection.receivedBytes;
    const started = performance.now();
    const { socket } = this.#connection;
    socket.cork();
    socket.write(`${tag} `);
    socket.write(text);
    socket.write('\r\n');
    socket.uncork();
    const reply = await this.#connection.expect(new RegExp(`(?:^|\\n)${tag} [^\\n]*\\n$`));
    if (!reply.includes(`${tag} OK`)) throw new Error(reply);
    return { milliseconds: performance.now() - started, bytes: this.#connection.receivedBytes - before };
  }

  /** Goes idle and stays so. */
  async idle(): Promise<void> {
    this.#connection.socket.write(`t${++this.#tag} IDLE\r\n`);
    await this.#connection.expect(/\+ [^\n]*\n$/);
  }

  close(): void {
    this.#connection.socket.destroy();
  }
}
