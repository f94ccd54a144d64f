// A session on a socket beside a bare socket: what a line costs, what a pipelined line costs, what an idle connection holds.
import { once } from 'node:events';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Connection, listen, TlsCertificates } from '@mox/net-node';
import { benchmark } from '../../../tools/bench-harness.ts';
import { localhostCertificate } from '../test/certificate.ts';
import { echo, type LineEvent } from '../test/toy-session.ts';

const certificates = new TlsCertificates([localhostCertificate]);
const options = { host: '127.0.0.1', port: 0, serve: (connection: Connection) => echo(connection), limits: { perAddress: 10_000 } };

async function dial(port: number, secure: boolean): Promise<Socket> {
  const socket = secure
    ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connectSocket({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'data'); // the greeting
  return socket;
}

/** Sends some lines at once and waits for as many answers. */
async function exchange(socket: Socket, lines: number): Promise<void> {
  let left = lines;
  const done = new Promise<void>((resolve) => {
    const onData = (bytes: Buffer): void => {
      for (const byte of bytes) if (byte === 10) left--;
      if (left > 0) return;
      socket.off('data', onData);
      resolve();
    };
    socket.on('data', onData);
  });
  socket.write('line\n'.repeat(lines));
  await done;
}

const bare = createServer({ noDelay: true }, (socket) => {
  socket.write('hello\n');
  socket.on('data', (bytes) => socket.write(bytes.toString().replaceAll('line', 'echo line')));
  socket.on('error', () => {});
}).listen(0, '127.0.0.1');
await once(bare, 'listening');
const { port: barePort } = bare.address() as { port: number };
const plain = await listen<LineEvent>(options);
const secure = await listen<LineEvent>({ ...options, tls: { mode: 'implicit', certificates } });

const peers = {
  session: await dial(plain.address.port, false),
  'bare socket': await dial(barePort, false),
  'session over TLS': await dial(secure.address.port, true),
};
for (const lines of [1, 100]) {
  await benchmark(`${lines} lines said and answered`, {
    session: () => exchange(peers.session, lines),
    'bare socket': () => exchange(peers['bare socket'], lines),
    'session over TLS': () => exchange(peers['session over TLS'], lines),
  });
}
for (const peer of Object.values(peers)) peer.destroy();

// Both ends are in this process, so the figure holds the client's socket, too: the bare socket's row tells how much that is.
async function idle(name: string, port: number, tls: boolean): Promise<void> {
  const count = 1_000;
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i++) sockets.push(await dial(port, tls));
  globalThis.gc?.();
  console.log(
    `${count} idle connections, both ends, ${name} | ${((process.memoryUsage().rss - before) / count / 1_024).toFixed(1)} KB each`,
  );
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 500));
}

await idle('bare socket', barePort, false);
await idle('session', plain.address.port, false);
await idle('session over TLS', secure.address.port, true);
bare.close();
await plain.close({ graceMilliseconds: 0 });
await secure.close({ graceMilliseconds: 0 });
