// How fast the queue empties: many next hops that take everything at once; and, hostile, one that nobody can reach with everything due.
// `MOX_BENCH_MESSAGES` sets how many messages (default 10,000), `MOX_BENCH_DEAD` how many of the hostile row (default 100,000).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecipientOutcome } from '@mox/outbound';
import { ManualClock, silentLogger, systemRandom } from '@mox/runtime';
import { openStore } from '@mox/store';
import { createQueue, formatQueuedParameters } from '../src/index.ts';

type Fate = Omit<RecipientOutcome, 'address'>;

async function measure(row: string, messages: number, hops: number, fate: Fate): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'mox-queue-bench-'));
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const store = await openStore({ directory, clock, workers: 1 });
  let attempts = 0;
  const queue = createQueue({
    ...{ store, clock, random: systemRandom, logger: silentLogger, hostname: 'mx.example.org' },
    deliver: async ({ envelope }) => {
      attempts++;
      return { recipients: envelope.recipients.map(({ address }) => ({ address, ...fate })), tlsResults: [], trace: [] };
    },
    deliverLocally: async () => true,
    timers: { after: () => () => {} },
  });
  const writer = store.writeBlob();
  await writer.write(new TextEncoder().encode(`Subject: hello\r\n\r\n${'x'.repeat(2000)}\r\n`));
  const blob = await writer.finish();
  const rows = Array.from({ length: messages }, (_, i) => {
    const nextHop = `d${i % hops}.example`;
    const parameters = formatQueuedParameters({ transactionId: `t${i}`, nextHop });
    return { sender: `s${i % 50}@example.org`, recipients: [`a${i}@${nextHop}`], blob, nextAttemptAt: 0, parameters };
  });
  for (let at = 0; at < rows.length; at += 5000) await store.queue.enqueue(rows.slice(at, at + 5000));
  const started = performance.now();
  queue.start();
  await queue.idle();
  const seconds = (performance.now() - started) / 1000;
  const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(`${row} | ${seconds.toFixed(1)} s, ${Math.round(messages / seconds)} rows/s, ${attempts} attempts, RSS ${rss} MB`);
  await queue.stop();
  await store.close();
  rmSync(directory, { recursive: true });
}

const messages = Number(process.env['MOX_BENCH_MESSAGES'] ?? 10_000);
const dead = Number(process.env['MOX_BENCH_DEAD'] ?? 100_000);
await measure(`queue: ${messages} messages to 1,000 next hops`, messages, 1000, {
  status: 'relayed',
  code: { class: 2, subject: 0, detail: 0 },
});
const unreachable: Fate = { status: 'deferred', code: { class: 4, subject: 4, detail: 1 }, problem: 'no answer' };
await measure(`queue: hostile, ${dead} messages to one that cannot be reached`, dead, 1, unreachable);
