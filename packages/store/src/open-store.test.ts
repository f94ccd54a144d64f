import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openStore } from './open-store.ts';
import type { Store } from './store.ts';

const opened: Store[] = [];
const folders: string[] = [];

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'mox-store-'));
  folders.push(path);
  return path;
}

async function open(directory: string): Promise<Store> {
  const store = await openStore({ directory, clock: { now: () => Date.now() }, workers: 2 });
  opened.push(store);
  return store;
}

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

it('gives back after a restart what was added', async () => {
  const directory = folder();
  const store = await open(directory);
  const made = await store.accounts.create({ name: 'joe', addresses: ['joe@example.org'], credentials: [] });
  if (!made.ok) throw new Error(made.problem);
  const account = await store.account(made.account.id);
  const inbox = await account?.mailbox('inbox');
  if (!account || !inbox) throw new Error('no inbox');
  const small = store.writeBlob();
  await small.write(new TextEncoder().encode('Subject: small\r\n\r\nhello\r\n'));
  const large = store.writeBlob();
  await large.write(new TextEncoder().encode('Subject: large\r\n\r\n'));
  for (let i = 0; i < 100; i++) await large.write(new Uint8Array(10_000).fill(65));
  const changes: number[] = [];
  account.watch((change) => changes.push(change.modseq));
  const added = await account.addMessages([
    { mailboxId: inbox.id, blob: await small.finish(), receivedAt: 1000, flags: ['\\seen', 'Work'] },
    { mailboxId: inbox.id, blob: await large.finish(), receivedAt: 2000 },
  ]);
  expect(added).toMatchObject({ ok: true, added: [{ uid: 1 }, { uid: 2 }] });
  expect(changes).toEqual([2]);
  await store.close();
  const again = await open(directory);
  const account2 = await again.account(made.account.id);
  const index = await account2?.openMailbox(inbox.id);
  expect([...(index?.uids ?? [])]).toEqual([1, 2]);
  expect(index?.flagSets.map((set) => set.flags)).toEqual([['Work', '\\Seen'].sort(), []]);
  const emails = [];
  for await (const batch of account2?.readEmails(inbox.id, Uint32Array.of(1, 2, 7), ['received-at', 'envelope', 'thread']) ?? [])
    emails.push(...batch);
  expect(emails).toMatchObject([
    { uid: 1, receivedAt: 1000, threadId: 'T1' },
    { uid: 2, receivedAt: 2000 },
  ]);
  let bytes = 0;
  for await (const piece of (await account2?.readBlob(emails[1]?.blobId ?? '')) ?? []) bytes += piece.length;
  expect(bytes).toBe(1_000_018);
  expect(await again.check()).toEqual([]);
});
