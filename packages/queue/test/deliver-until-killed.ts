// A child of the kill test: queues and delivers as fast as it can, and prints what was accepted, delivered and reported. Begins nothing
// new where it is told to finish.
import { writeSync } from 'node:fs';
import { silentLogger, systemRandom } from '@mox/runtime';
import { openStore } from '@mox/store';
import { createQueue } from '../src/index.ts';

const [directory = '', round = ''] = process.argv.slice(2);
const clock = { now: () => Date.now() };
const store = await openStore({ directory, clock, workers: 1, limits: { inlineBlobBytes: 4096 } });
const say = (line: string): number => writeSync(1, `${line}\n`);
const queue = createQueue({
  ...{ store, clock, random: systemRandom, logger: silentLogger, hostname: 'mx.example.org' },
  deliver: async ({ envelope }) => {
    const recipients = envelope.recipients.map(({ address }) => {
      const draw = Math.random();
      if (draw < 0.2) return { address, status: 'failed', code: { class: 5, subject: 1, detail: 1 }, problem: 'no' } as const;
      if (draw < 0.4) return { address, status: 'deferred', code: { class: 4, subject: 2, detail: 1 }, problem: 'later' } as const;
      say(`delivered ${address}`);
      return { address, status: 'relayed', code: { class: 2, subject: 0, detail: 0 } } as const;
    });
    return { recipients, tlsResults: [], trace: [] };
  },
  deliverLocally: async ({ content }) => {
    let text = '';
    for await (const piece of await content()) text += new TextDecoder().decode(piece);
    for (const [, address] of text.matchAll(/^Final-Recipient: rfc822; (\S+)/gm)) say(`reported ${address}`);
    return true;
  },
  schedule: { firstRetryMs: 20, retryMs: 20, mostRetryMs: 20 },
});
queue.start();
for (let i = 0; round !== 'finish'; i++) {
  const names = [`${round}-${i}-a@d${i % 7}.example`, `${round}-${i}-b@e${i % 5}.example`];
  const writer = store.writeBlob();
  await writer.write(new TextEncoder().encode(`Subject: ${round}-${i}\r\n\r\n${'x'.repeat(i % 3 === 0 ? 10_000 : 10)}\r\n`));
  const blob = await writer.finish();
  await queue.submit({
    envelope: { sender: 'jane@example.org', recipients: names.map((address) => ({ address })) },
    blob,
    transactionId: `${round}-${i}`,
  });
  for (const name of names) say(`accepted ${name}`);
  await blob.release();
}
for (;;) {
  await queue.idle();
  if ((await store.queue.nextDue()) === undefined) break;
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await queue.stop();
await store.close();
