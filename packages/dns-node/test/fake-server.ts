// A name server that does what a test tells it: datagrams and TCP on one port of the loopback.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type DnsMessage, formatMessage, type MessageRecord, parseMessage } from '@mox/dns';
import { unwrap } from '@mox/syntax';

export interface Asked {
  readonly query: DnsMessage;
  readonly transport: 'udp' | 'tcp';
  /** The question's bytes as they came, letters included. */
  readonly bytes: Uint8Array;
}

/** One or more responses as messages or bytes; none for silence. */
export type Handler = (asked: Asked) => DnsMessage | Uint8Array | readonly Uint8Array[] | undefined;

export interface FakeServer {
  readonly port: number;
  readonly asked: Asked[];
  connections: number;
  close(): Promise<void>;
}

/** A response to a query; the question keeps the letters it came with. */
export function respond(query: DnsMessage, parts: Partial<DnsMessage> = {}): DnsMessage {
  return { ...query, response: true, recursionAvailable: true, authentic: false, ...parts };
}

/** A response with one address. */
export function addressRecord(name: string, data: string = '192.0.2.1', ttlSeconds: number = 60): MessageRecord {
  return { name, type: 'A', ttlSeconds, data };
}

function bytesOf(asked: Asked, answer: ReturnType<Handler>): readonly Uint8Array[] {
  if (answer === undefined) return [];
  if (answer instanceof Uint8Array) return [answer];
  if (Array.isArray(answer)) return answer as readonly Uint8Array[];
  const written = formatMessage(answer as DnsMessage);
  // Servers copy the question: bytes as they came.
  if ((answer as DnsMessage).questions.length > 0) written.set(asked.bytes.subarray(12, 12 + questionLength(asked.bytes)), 12);
  return [written];
}

function questionLength(bytes: Uint8Array): number {
  let at = 12;
  while (bytes[at] !== 0) at += 1 + (bytes[at] ?? 0);
  return at + 5 - 12;
}

function serveStream(socket: Socket, answer: (bytes: Uint8Array) => readonly Uint8Array[]): void {
  let held = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (bytes: Buffer) => {
    held = Buffer.concat([held, bytes]);
    while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
      const end = 2 + held.readUInt16BE(0);
      const query = new Uint8Array(held.subarray(2, end));
      held = held.subarray(end);
      for (const response of answer(query)) {
        if (response.length === 0) return socket.destroy();
        socket.write(Buffer.concat([Uint8Array.of(response.length >>> 8, response.length & 255), response]));
      }
    }
  });
}

export async function startFakeServer(
  handler: Handler,
  options: { readonly tls?: { key: string; cert: string } } = {},
): Promise<FakeServer> {
  const asked: Asked[] = [];
  const answer = (bytes: Uint8Array, transport: 'udp' | 'tcp'): readonly Uint8Array[] => {
    const question = { query: unwrap(parseMessage(bytes)), transport, bytes };
    asked.push(question);
    return bytesOf(question, handler(question));
  };
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    server.connections++;
    sockets.add(socket);
    serveStream(socket, (bytes) => answer(bytes, 'tcp'));
  };
  const tcp = options.tls ? createTlsServer(options.tls, accept) : createServer(accept);
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as { port: number };
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) => {
    for (const response of answer(new Uint8Array(bytes), 'udp')) udp.send(response, from.port, from.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  const server: FakeServer = {
    port,
    asked,
    connections: 0,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
  return server;
}
