// A question over the loopback beside Node's own resolver (c-ares), and one under a flood of forged answers.
import { Resolver as NodeDns } from 'node:dns/promises';
import { formatMessage } from '@mox/dns';
import { benchmark } from '../../../tools/bench-harness.ts';
import { NodeResolver, StubResolver } from '../src/index.ts';
import { addressRecord, respond, startFakeServer } from '../test/fake-server.ts';

const server = await startFakeServer(({ query }) => {
  server.asked.length = 0;
  return respond(query, { answers: [addressRecord('mail.example.org')] });
});
const address = { address: '127.0.0.1', port: server.port };
const stub = new StubResolver({ servers: [address] });
const tcp = new StubResolver({ servers: [{ ...address, transport: 'tcp' }] });
const whole = new NodeResolver({ servers: [address] });
const node = new NodeDns();
node.setServers([`127.0.0.1:${server.port}`]);

// Both sides run in this process: the server's share is in every figure but the cached one.
await benchmark('dns-node: a question over UDP', {
  ours: () => stub.query('mail.example.org', 'A'),
  'node:dns': () => node.resolve4('mail.example.org'),
});
await benchmark('dns-node: a question over a kept TCP connection', { ours: () => tcp.query('mail.example.org', 'A') });
await benchmark('dns-node: a question that the cache answers', { ours: () => whole.query('mail.example.org', 'A') });

const forger = await startFakeServer(({ query, transport }) => {
  forger.asked.length = 0;
  if (transport === 'tcp') return respond(query, { answers: [addressRecord('mail.example.org')] });
  return Array.from({ length: 100 }, (_, i) => formatMessage(respond(query, { id: (query.id + 1 + i) & 0xffff })));
});
const careful = new StubResolver({ servers: [{ address: '127.0.0.1', port: forger.port }] });
await benchmark('dns-node: hostile, 100 forged datagrams before the answer', { ours: () => careful.query('mail.example.org', 'A') });

for (const each of [stub, tcp, whole, careful]) each.close();
await server.close();
await forger.close();
