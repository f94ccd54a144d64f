// What the store costs: durable deliveries beside the disk's own rate, and the calls behind SELECT, FETCH, STORE and SEARCH.
// `node --conditions=@mox/source packages/store/bench/store.bench.ts [directory]`
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, openStore, type Store } from '../src/index.ts';

const base = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'mox-bench-'));
const sizes = (process.env['MOX_BENCH_MESSAGES'] ?? '10000,50000').split(',').map(Number);
const seconds = Number(process.env['MOX_BENCH_SECONDS'] ?? 3);

function print(row: string, value: string): void {
  console.log(`${row.padEnd(58)} ${value}`);
}

/** How often a second the disk takes 4 KB durably, one after the other. */
function diskRate(): number {
  const handle = openSync(join(base, 'raw'), 'w');
  const block = Buffer.alloc(4096, 1);
  const started = performance.now();
  let writes = 0;
  for (; performance.now() - started < 1000; writes++) {
    writeSync(handle, block);
    fdatasyncSync(handle);
  }
  closeSync(handle);
  return (writes * 1000) / (performance.now() - started);
}

let made = 0;

function makeMessage(sizeBytes: number): Uint8Array {
  const number = ++made;
  const header = `Received: from a.example.net (a.example.net [192.0.2.1]) by mx.example.org with ESMTPS id ${number};\r\n Mon, 23 Nov 2026 15:00:00 +0000\r\nFrom: Joe Doe ${number % 100} <joe${number % 100}@example.net>\r\nTo: Jane Doe <jane@example.org>\r\nSubject: Re: a subject of the usual length, number ${number}\r\nDate: Mon, 23 Nov 2026 15:00:00 +0000\r\nMessage-ID: <${number}.abcdef@example.net>\r\nIn-Reply-To: <${number - 1}.abcdef@example.net>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n`;
  const line = `${'Some words of a message that go on for a line. '.repeat(2).slice(0, 76)}\r\n`;
  return Buffer.from(header + line.repeat(Math.max(1, Math.ceil((sizeBytes - header.length) / line.length))));
}

async function add(store: Store, account: Account, mailboxId: string, bytes: Uint8Array): Promise<void> {
  const writer = store.writeBlob();
  for (let at = 0; at < bytes.length; at += 65_536) await writer.write(bytes.subarray(at, at + 65_536));
  const blob = await writer.finish();
  const result = await account.addMessages([{ mailboxId, blob, receivedAt: Date.now() }]);
  if (!result.ok) throw new Error(result.problem);
  await blob.release();
}

async function accountsOf(store: Store, count: number): Promise<{ account: Account; inbox: string }[]> {
  const accounts = [];
  for (let i = 0; i < count; i++) {
    const created = await store.accounts.create({ name: `user${made++}`, addresses: [], credentials: [] });
    const account = created.ok ? await store.account(created.account.id) : undefined;
    const inbox = await account?.mailbox('INBOX');
    if (!account || !inbox) throw new Error('no account');
    accounts.push({ account, inbox: inbox.id });
  }
  return accounts;
}

async function deliveries(store: Store, options: { accounts: number; callers: number; sizeBytes: number }): Promise<void> {
  const accounts = await accountsOf(store, options.accounts);
  const run = async (milliseconds: number): Promise<number> => {
    const until = performance.now() + milliseconds;
    let count = 0;
    const caller = async (_: unknown, i: number): Promise<void> => {
      const target = accounts[i % accounts.length];
      for (; target && performance.now() < until; count++) await add(store, target.account, target.inbox, makeMessage(options.sizeBytes));
    };
    await Promise.all(Array.from({ length: options.callers }, caller));
    return count;
  };
  await run(300);
  const disk = diskRate();
  const started = performance.now();
  const cpu = process.cpuUsage();
  const count = await run(seconds * 1000);
  const rate = (count * 1000) / (performance.now() - started);
  const used = process.cpuUsage(cpu);
  const row = `durable adds: ${options.sizeBytes} B, ${options.callers} callers, ${options.accounts} accounts`;
  const cost = `${(used.user / count).toFixed(0)} + ${(used.system / count).toFixed(0)} us CPU each`;
  print(row, `${rate.toFixed(0)}/s, ${(rate / disk).toFixed(2)} of the disk's ${disk.toFixed(0)} fsyncs/s, ${cost}`);
}

/** Median milliseconds of several runs. */
async function median(runs: number, run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[runs >> 1] ?? 0;
}

async function drain(batches: AsyncIterable<readonly unknown[]>): Promise<void> {
  for await (const batch of batches) if (batch.length === 0) throw new Error('an empty batch');
}

async function mailbox(count: number): Promise<void> {
  const directory = join(base, `mailbox-${count}`);
  const clock = { now: () => Date.now() };
  const store = await openStore({ directory, clock, workers: 1 });
  const [target] = await accountsOf(store, 1);
  if (!target) return;
  const { account, inbox } = target;
  const started = performance.now();
  for (let at = 0; at < count; at += 500) {
    const batch = await Promise.all(
      Array.from({ length: Math.min(500, count - at) }, async () => {
        const writer = store.writeBlob();
        await writer.write(makeMessage(2000));
        return { mailboxId: inbox, blob: await writer.finish(), receivedAt: Date.now(), flags: made % 3 === 0 ? [] : ['\\Seen'] };
      }),
    );
    await account.addMessages(batch);
  }
  const each = (ms: number): string => `${ms.toFixed(1)} ms, ${((ms * 1000) / count).toFixed(2)} us a message`;
  print(`${count} messages: added in batches of 500`, each(performance.now() - started));
  await store.close();
  const again = await openStore({ directory, clock, workers: 1 });
  const same = (await again.account(account.id)) as Account;
  await same.mailboxes();
  print(`${count} messages: openMailbox, first time`, each(await median(1, () => same.openMailbox(inbox))));
  print(`${count} messages: openMailbox, again`, each(await median(5, () => same.openMailbox(inbox))));
  const uids = (await same.openMailbox(inbox))?.uids ?? new Uint32Array(0);
  const read = (...fields: Parameters<Account['readEmails']>[2]) => drain(same.readEmails(inbox, uids, fields));
  print(`${count} messages: readEmails, no fields`, each(await median(5, () => read())));
  print(`${count} messages: readEmails, envelope`, each(await median(5, () => read('envelope'))));
  print(`${count} messages: readEmails, envelope, date, thread`, each(await median(5, () => read('envelope', 'received-at', 'thread'))));
  print(`${count} messages: readEmails, structure`, each(await median(5, () => read('structure'))));
  const modseq = await same.modseq();
  let mode: 'add' | 'remove' = 'add';
  const flip = async (): Promise<void> => {
    await same.updateFlags(inbox, { uids, mode, flags: ['\\Flagged'] });
    mode = mode === 'add' ? 'remove' : 'add';
  };
  print(`${count} messages: updateFlags`, each(await median(5, flip)));
  print(`${count} messages: changesSince, all changed`, each(await median(5, () => same.changesSince(modseq))));
  const now = await same.modseq();
  print(`${count} messages: changesSince, nothing changed`, each(await median(5, () => same.changesSince(now))));
  print(`${count} messages: search by flag`, each(await median(5, () => same.search(inbox, { type: 'flag', flag: '\\Seen' }))));
  print(`${count} messages: search by subject`, each(await median(3, () => same.search(inbox, { type: 'subject', text: '4999' }))));
  print(`${count} messages: search in bodies`, each(await median(1, () => same.search(inbox, { type: 'body', text: 'needle' }))));
  const index = await same.openMailbox(inbox);
  print(`${count} messages: memory of the process`, `${(process.memoryUsage().rss / 1e6).toFixed(0)} MB (index ${index?.uids.length})`);
  await again.close();
}

try {
  const store = await openStore({ directory: join(base, 'deliveries'), clock: { now: () => Date.now() } });
  for (const sizeBytes of [4000, 100_000]) {
    for (const callers of [1, 10, 50]) await deliveries(store, { accounts: 1, callers, sizeBytes });
    await deliveries(store, { accounts: 10, callers: 50, sizeBytes });
  }
  await store.close();
  for (const count of sizes) await mailbox(count);
} finally {
  rmSync(base, { recursive: true, force: true });
}
