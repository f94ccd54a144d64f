import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Account, openStore, type Store, StoreError, type StoreOptions } from '../src/index.ts';
import { deliver, emailsOf, mailboxOf, makeAccount, stage, uidsOf } from '../src/testing/suite.ts';

let directory = '';
let stores: Store[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mox-faults-'));
});

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function open(options: Partial<StoreOptions> = {}): Promise<Store> {
  const { limits, ...rest } = options;
  const store = await openStore({
    directory,
    clock: { now: () => Date.now() },
    workers: 1,
    limits: { inlineBlobBytes: 65_536, ...limits },
    ...rest,
  });
  stores.push(store);
  return store;
}

async function close(store: Store): Promise<void> {
  await store.close();
  stores = stores.filter((other) => other !== store);
}

/** The code of the StoreError that a promise rejects with. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    return error instanceof StoreError ? error.code : `not a StoreError: ${String(error)}`;
  }
}

/** Overwrites the middle of a file with nonsense. */
function damage(path: string): void {
  const handle = openSync(path, 'r+');
  for (let page = 0; page < 12; page++) writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
  closeSync(handle);
}

describe('one directory, several openers', () => {
  it('is open for writing once; the second opener is told that it is busy', async () => {
    const first = await open();
    expect(await codeOf(open())).toBe('busy');
    await close(first);
    await open();
  });

  it('can be read beside the server that writes, which sees every commit', async () => {
    const writer = await open();
    const { info, account } = await makeAccount(writer);
    await deliver(writer, account, [{}]);
    const reader = await open({ readOnly: true });
    const seen = (await reader.account(info.id)) as Account;
    expect(await uidsOf(seen)).toEqual([1]);
    await deliver(writer, account, [{}]);
    expect(await uidsOf(seen)).toEqual([1, 2]);
    expect((await mailboxOf(seen)).messages).toBe(2);
    await makeAccount(writer, { name: 'later' });
    expect((await reader.accounts.findByLogin('later'))?.name).toBe('later');
    expect(await codeOf(seen.createMailbox('x'))).toBe('read-only');
    expect(await codeOf(Promise.resolve().then(() => reader.writeBlob()))).toBe('read-only');
    expect(await reader.check()).toEqual([]);
  });

  it('gives the directory free when its process is gone', async () => {
    const script = `import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))};
      await openStore({ directory: ${JSON.stringify(directory)}, clock: { now: () => 0 }, workers: 1 });
      process.kill(process.pid, 'SIGKILL');`;
    const file = join(directory, 'child.ts');
    writeFileSync(file, script);
    expect(spawnSync(process.execPath, ['--conditions=@mox/source', file]).signal).toBe('SIGKILL');
    await open();
  });
});

describe('damage', () => {
  it('of one account leaves the others working, and check names it', async () => {
    const store = await open();
    const joe = await makeAccount(store);
    const jane = await makeAccount(store, { name: 'jane' });
    for (const { account } of [joe, jane]) await deliver(store, account, [{}, {}]);
    await close(store);
    damage(join(directory, 'accounts', joe.info.id, 'account.db'));
    const again = await open();
    expect(await codeOf((await again.account(joe.info.id))?.mailboxes() ?? Promise.resolve())).toBe('damaged');
    const working = (await again.account(jane.info.id)) as Account;
    expect(await deliver(again, working, [{}])).toEqual([3]);
    const problems = await again.check();
    expect(problems.map(({ accountId }) => accountId)).toEqual([joe.info.id]);
    expect(problems[0]?.remedy).not.toBe('');
  });

  it('of blobs is found: a file gone, a file cut short, bytes changed, a file of nobody', async () => {
    const store = await open();
    const { info, account } = await makeAccount(store);
    for (let i = 0; i < 2; i++) await deliver(store, account, [{ content: new Uint8Array(100_000).fill(65 + i) }]);
    await deliver(store, account, [{ content: new Uint8Array(3000).fill(70) }]);
    await close(store);
    const blobs = join(directory, 'accounts', info.id, 'blobs');
    const files = readdirSync(blobs, { recursive: true, encoding: 'utf8' }).filter((name) => /\d+\/\d+/.test(name));
    expect(files.length).toBe(2);
    rmSync(join(blobs, files[0] ?? ''));
    writeFileSync(join(blobs, files[1] ?? ''), 'short');
    const again = await open();
    expect(await uidsOf((await again.account(info.id)) as Account)).toEqual([1, 2, 3]);
    writeFileSync(join(blobs, '0', '777'), 'of nobody');
    const messages = (await again.check()).map(({ message }) => message);
    expect(messages).toHaveLength(3);
    expect(messages.join('\n')).toMatch(/missing[\s\S]*5 bytes instead of 100000[\s\S]*belongs to no blob/);
    const first = (await emailsOf((await again.account(info.id)) as Account, []))[0];
    expect(await ((await again.account(info.id)) as Account).readBlob(first?.blobId ?? '')).toBeUndefined();
  });

  it('of the schema by a newer program is told as such', async () => {
    const store = await open();
    const { info } = await makeAccount(store);
    await close(store);
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(join(directory, 'accounts', info.id, 'account.db'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    const again = await open();
    expect(await codeOf((await again.account(info.id))?.modseq() ?? Promise.resolve())).toBe('unsupported-version');
  });
});

describe('an account from before fields were kept', () => {
  const head = 'Received: a\r\nFrom: b\r\n\r\n';

  /** Takes the account back to the version before. */
  async function takeBack(id: string): Promise<string> {
    const path = join(directory, 'accounts', id, 'account.db');
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(path);
    database.exec("DROP TABLE kept_fields; DELETE FROM counter WHERE name = 'unkept-to'; PRAGMA user_version = 1");
    database.close();
    return path;
  }

  async function keptOf(account: Account): Promise<(string | undefined)[]> {
    const emails = await emailsOf(account, ['kept-fields']);
    return emails.map(
      ({ keptFields }) => keptFields && Buffer.from(keptFields.bytes.subarray(keptFields.start, keptFields.end)).toString(),
    );
  }

  it('keeps them by and by, the newest first, and goes on after a crash', async () => {
    const store = await open();
    const { info, account } = await makeAccount(store);
    const large = Buffer.from(head + 'x'.repeat(100_000));
    await deliver(store, account, [{ content: large }, ...Array.from({ length: 249 }, () => ({ content: `${head}body` }))]);
    await deliver(store, account, [{ content: '' }]);
    await close(store);
    const path = await takeBack(info.id);
    const between = await open();
    const before = (await between.account(info.id)) as Account;
    expect(await keptOf(before)).toEqual(Array(251).fill(undefined));
    expect(readdirSync(join(directory, 'accounts', info.id))).toContain('account.db.version-1');
    await deliver(between, before, [{ content: head }]);
    await expect.poll(async () => (await keptOf(before)).filter(Boolean).length, { timeout: 10_000 }).toBeGreaterThan(1);
    await close(between);
    // As a crash would leave it: a mark within, and fields beyond it.
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(path);
    database.exec("UPDATE counter SET value = 220 WHERE name = 'unkept-to'; DELETE FROM kept_fields WHERE email_id < 200");
    database.close();
    const again = await open();
    const after = (await again.account(info.id)) as Account;
    await deliver(again, after, [{ content: head }]);
    const wanted = [...Array(250).fill('From: b\r\n\r\n'), undefined, ...Array(2).fill('From: b\r\n\r\n')];
    await expect.poll(() => keptOf(after), { timeout: 10_000 }).toEqual(wanted);
    expect(await again.check()).toEqual([]);
  });

  it('does without those of emails that cannot be read', async () => {
    const store = await open();
    const { info, account } = await makeAccount(store);
    await deliver(store, account, [{ content: head }, { content: Buffer.from(head + 'x'.repeat(100_000)) }, { content: head }]);
    await close(store);
    const path = await takeBack(info.id);
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(path);
    database.exec("UPDATE email SET part = 'nonsense' WHERE id = 1");
    database.close();
    rmSync(join(directory, 'accounts', info.id, 'blobs', '0', '1'));
    const again = await open();
    const after = (await again.account(info.id)) as Account;
    await deliver(again, after, [{ content: head }]);
    await expect.poll(() => keptOf(after), { timeout: 10_000 }).toEqual([undefined, undefined, 'From: b\r\n\r\n', 'From: b\r\n\r\n']);
    await after.expunge((await mailboxOf(after)).id, Uint32Array.of(1, 2, 3, 4));
    await expect.poll(async () => (await again.check()).length, { timeout: 10_000 }).toBe(0);
  });
});

describe('a crash between two steps', () => {
  it('leaves nothing: files without rows and blobs on their way in are swept at opening', async () => {
    const store = await open();
    const { info, account } = await makeAccount(store);
    await deliver(store, account, [{ content: new Uint8Array(100_000) }]);
    await close(store);
    const folder = join(directory, 'accounts', info.id, 'blobs', '0');
    writeFileSync(join(folder, '2'), 'linked, never committed');
    writeFileSync(join(directory, 'tmp', '1'), 'half a blob');
    const again = await open();
    expect(await ((await again.account(info.id)) as Account).modseq()).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual(['1']);
    expect(readdirSync(join(directory, 'tmp'))).toEqual([]);
    await deliver(again, (await again.account(info.id)) as Account, [{ content: new Uint8Array(100_000) }]);
    expect(await again.check()).toEqual([]);
  });

  it('between the two steps of removing an account is made good at opening', async () => {
    const store = await open();
    const { info, account } = await makeAccount(store);
    await deliver(store, account, [{}]);
    await close(store);
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(join(directory, 'global.db'));
    database.exec(`DELETE FROM account; DELETE FROM address; INSERT INTO removed_account VALUES ('${info.id}')`);
    database.close();
    await open();
    expect(readdirSync(join(directory, 'accounts'))).toEqual([]);
  });
});

it('the blob of the last message goes soon after the message', async () => {
  const store = await open();
  const { info, account } = await makeAccount(store);
  await deliver(store, account, [{ content: new Uint8Array(100_000) }, {}]);
  const inbox = await mailboxOf(account);
  const [large] = await emailsOf(account, []);
  await account.copyMessages(inbox.id, Uint32Array.of(1), (await mailboxOf(account, 'Archive')).id);
  await account.expunge(inbox.id, Uint32Array.of(1, 2));
  const folder = join(directory, 'accounts', info.id, 'blobs', '0');
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(readdirSync(folder)).toEqual(['1']);
  await account.expunge((await mailboxOf(account, 'Archive')).id, Uint32Array.of(1));
  await expect.poll(() => readdirSync(folder), { timeout: 10_000 }).toEqual([]);
  expect(await account.readBlob(large?.blobId ?? '')).toBeUndefined();
  expect(await store.check()).toEqual([]);
});

it('history is bounded: where tombstones were dropped, changes are not complete', async () => {
  const store = await open({ limits: { tombstonesPerAccount: 10 } });
  const { account } = await makeAccount(store);
  const start = await account.modseq();
  const inbox = await mailboxOf(account);
  for (let i = 0; i < 5; i++) {
    const uids = await deliver(store, account, Array(10).fill({}));
    await account.expunge(inbox.id, Uint32Array.from(uids));
  }
  const last = await account.modseq();
  await expect.poll(async () => (await account.changesSince(start)).complete, { timeout: 10_000 }).toBe(false);
  expect((await account.changesSince(last)).complete).toBe(true);
});

it('keywords and mailboxes of an account are bounded', async () => {
  const store = await open({ limits: { keywordsPerAccount: 3, mailboxesPerAccount: 8 } });
  const { account } = await makeAccount(store);
  const inbox = await mailboxOf(account);
  await deliver(store, account, [{ flags: ['a', 'b'] }]);
  const result = await account.updateFlags(inbox.id, { uids: Uint32Array.of(1), mode: 'add', flags: ['c', 'C', 'd', '\\Seen', 'B'] });
  expect(result?.refused).toEqual(['d']);
  expect(await account.createMailbox('x/y')).toMatchObject({ ok: true });
  expect(await account.createMailbox('z')).toEqual({ ok: false, problem: 'too-many' });
  expect(await account.renameMailbox((await mailboxOf(account, 'x/y')).id, 'new/place')).toEqual({ ok: false, problem: 'too-many' });
});

it('decisions are bounded', async () => {
  const store = await open({ limits: { decisions: 50 } });
  const { decisionOf } = await import('../src/testing/suite.ts');
  for (let batch = 0; batch < 4; batch++) {
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => store.decisions.record(decisionOf(`t${batch}.${i}`, { at: batch * 1000 + i }))),
    );
  }
  expect((await store.decisions.find({ limit: 1000 })).length).toBeLessThanOrEqual(250);
  expect(await store.decisions.find({ text: 't0.0' })).toEqual([]);
  expect(await store.decisions.find({ text: 't3.99' })).toHaveLength(1);
});

describe('a full disk', () => {
  const small = mkdtempSync(join(tmpdir(), 'mox-full-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small]).status === 0;

  it.skipIf(!mounted)('is told, nothing acknowledged is lost, and there is no restart needed when there is room again', async () => {
    const filler = join(small, 'filler');
    try {
      const home = join(small, 'store');
      mkdirSync(home);
      const store = await open({ directory: home });
      const { account } = await makeAccount(store);
      const kept = await deliver(store, account, [{}]);
      writeFileSync(filler, Buffer.alloc(2_400_000));
      let full = '';
      for (let i = 0; i < 200 && full === ''; i++) {
        const code = await codeOf(deliver(store, account, [{ content: new Uint8Array(50_000) }]).then((uids) => kept.push(...uids)));
        if (code !== 'no error') full = code;
      }
      expect(full).toBe('disk-full');
      const writer = store.writeBlob();
      expect(await codeOf(writeMuch(writer))).toBe('disk-full');
      expect(await uidsOf(account)).toEqual(kept);
      rmSync(filler);
      kept.push(...(await deliver(store, account, [{ content: new Uint8Array(50_000) }])));
      expect(await uidsOf(account)).toEqual(kept);
      await (await stage(store, new Uint8Array(100_000))).release();
      expect(await store.check()).toEqual([]);
      await close(store);
    } finally {
      spawnSync('umount', ['-l', small]);
      rmSync(small, { recursive: true, force: true });
    }
  });
});

async function writeMuch(writer: { write(bytes: Uint8Array): Promise<void> }): Promise<void> {
  for (let i = 0; i < 100; i++) await writer.write(new Uint8Array(100_000));
}
