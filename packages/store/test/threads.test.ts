import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WorkerClient } from '../src/client/worker-client.ts';
import { type Decision, defaultStoreLimits, openStore, type Store } from '../src/index.ts';
import { decisionOf, deliver, mailboxOf, makeAccount, messageText } from '../src/testing/suite.ts';

let directory = '';
let store: Store;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mox-threads-'));
  store = await openStore({ directory, clock: { now: () => Date.now() }, workers: 1 });
});

afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

it('a long search steps aside for deliveries and reads', async () => {
  const { account } = await makeAccount(store);
  const body = 'Nothing to be found in these lines of text.\r\n'.repeat(1000);
  await deliver(store, account, [{ content: messageText('long', body) }]);
  const { id } = await mailboxOf(account);
  for (let have = 1; have < 1000; have *= 2)
    await account.copyMessages(
      id,
      Uint32Array.from({ length: have }, (_, i) => i + 1),
      id,
    );
  let over = false;
  const search = account.search(id, { type: 'body', text: 'needle' }).then((uids) => {
    over = true;
    return uids;
  });
  let longest = 0;
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    await account.modseq();
    longest = Math.max(longest, performance.now() - started);
  }
  await deliver(store, account, [{ content: messageText('in between') }], 'Sent');
  expect(over, `five reads of at most ${longest.toFixed(1)} ms and a delivery took longer than the search`).toBe(false);
  expect([...(await search)]).toEqual([]);
});

it('what cannot travel to a thread fails alone, and is the mistake of its caller', async () => {
  const { account } = await makeAccount(store);
  const bad = { ...decisionOf('bad'), reason: () => 'a function' } as unknown as Decision;
  const results = await Promise.allSettled([store.decisions.record(bad), account.modseq()]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(results[0]).toMatchObject({ reason: expect.any(TypeError) });
});

it('a thread that dies takes its calls with it; the next call starts another', async () => {
  const settings = { directory: join(directory, 'other'), readOnly: false, limits: defaultStoreLimits };
  const script = new URL(`data:text/javascript,
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ([{ id, call }]) => call === 'modseq' ? process.exit(1) : parentPort.postMessage({ changes: [], replies: [{ id, value: [] }] }));`);
  const client = new WorkerClient({ script, settings, onChange() {} });
  await expect(client.call('a', 'modseq')).rejects.toMatchObject({ name: 'StoreError', code: 'io' });
  expect(await client.call('a', 'subscriptions')).toEqual([]);
  await client.close();
  await expect(client.call('a', 'modseq')).rejects.toMatchObject({ code: 'closed' });
});

it('no path makes the store fail, and one that is taken is found again', async () => {
  const { account } = await makeAccount(store);
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom('INBOX', 'inbox', 'Sent', '..', '%', '*', '\u0000', '\ud800'),
  );
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  await fc.assert(
    fc.asyncProperty(path, path, async (first, second) => {
      const made = await account.createMailbox(first);
      if (made.ok) expect(await account.mailbox(first)).toEqual(made.mailbox);
      await account.setSubscribed(second, true);
      if (!made.ok) return;
      const renamed = await account.renameMailbox(made.mailbox.id, second);
      if (renamed.ok) expect((await account.mailbox(second))?.id).toBe(made.mailbox.id);
    }),
    { numRuns: 100 },
  );
  expect(await store.check()).toEqual([]);
});
