// What one attempt costs, the server on the loopback included: `node --conditions=@mox/source packages/outbound/bench/outbound.bench.ts`
import { benchmark } from '../../../tools/bench-harness.ts';
import { makeMessage, makeSender, startScripted, stopAll } from '../test/scripted-server.ts';

const address = 'mx.example.org. A 127.0.0.1';
const zone = `example.org. MX 10 mx.example.org.\n${address}`;
const good = await startScripted('127.0.0.1', 0, {});
const deliver = makeSender({ zone, port: good.port });

await benchmark('typical: one message to one recipient', { attempt: () => deliver(makeMessage(1)) }, { rounds: 5 });
await benchmark('typical: one message to 100 recipients', { attempt: () => deliver(makeMessage(100)) }, { rounds: 5 });

const thousand = Array.from({ length: 1000 }, (_, i) => `example.org. MX ${i + 10} h${i}.example.org.`).join('\n');
const toMany = makeSender({ zone: `example.org. MX 1 mx.example.org.\n${address}\n${thousand}`, port: good.port });
await benchmark('hostile: 1,000 MX records', { attempt: () => toMany(makeMessage(1)) }, { rounds: 5 });

const endless = await startScripted('127.0.0.1', 0, { mail: Array.from({ length: 20_000 }, () => `250-${'x'.repeat(80)}`).join('\r\n') });
const toEndless = makeSender({ zone, port: endless.port });
await benchmark('hostile: a reply of 1.7 MB', { attempt: () => toEndless(makeMessage(1)) }, { rounds: 5 });

const talker = await startScripted('127.0.0.1', 0, { rcpt: `550-${'x'.repeat(400)}\r\n`.repeat(400) + '550 no' });
const toTalker = makeSender({ zone, port: talker.port });
await benchmark('hostile: 160 KB of refusal for each of 10 recipients', { attempt: () => toTalker(makeMessage(10)) }, { rounds: 5 });
await stopAll();
