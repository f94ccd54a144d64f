import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore, type Store } from '../src/index.ts';

const rounds = Number(process.env['MOX_KILL_ROUNDS'] ?? 6);
const child = join(import.meta.dirname, 'deliver-until-killed.ts');

let directory = '';
/** What was acknowledged: name and size by account and uid; what is expunged is taken out. */
const acknowledged = new Map<string, { readonly name: string; readonly sizeBytes: number }>();
/** Expunges that were begun: the message may be there or not. */
const expunging = new Set<string>();
/** Expunges that were acknowledged. */
const expunged = new Set<string>();

const open = (): Promise<Store> => openStore({ directory, clock: { now: () => Date.now() }, workers: 2 });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mox-kill-'));
  const store = await open();
  for (const name of ['a', 'b', 'c']) await store.accounts.create({ name, addresses: [], credentials: [] });
  await store.close();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function note(line: string): void {
  const [what, account, uid, name = '', sizeBytes] = line.split(' ');
  if (what === 'added') acknowledged.set(`${account} ${uid}`, { name, sizeBytes: Number(sizeBytes) });
  if (what === 'expunging') expunging.add(`${account} ${uid}`);
  if (what === 'expunged') expunged.add(`${account} ${uid}`);
}

/** Lets the child deliver for some time after its first large message, kills it, and notes what it acknowledged. */
async function deliverAndKill(round: number, milliseconds: number): Promise<void> {
  const args = ['--conditions=@mox/source', '--disable-warning=ExperimentalWarning', child, directory, String(round)];
  const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<string | null>((resolve) => process_.on('exit', (_code, signal) => resolve(signal)));
  let timer: NodeJS.Timeout | undefined;
  for await (const line of createInterface({ input: process_.stdout })) {
    note(line);
    // The first message in a file of its own: by then all lanes are at work.
    if (Number(line.split(' ')[4]) > 16_384) timer ??= setTimeout(() => process_.kill('SIGKILL'), milliseconds);
  }
  expect(await exited).toBe('SIGKILL');
}

async function textOf(pieces: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const piece of pieces ?? []) chunks.push(piece);
  return Buffer.concat(chunks).toString('latin1');
}

/** Every message there is, is whole. Gives the keys of all. */
async function readEverything(store: Store): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const { id } of await store.accounts.list()) {
    const account = await store.account(id);
    const inbox = await account?.mailbox('INBOX');
    const index = inbox && (await account?.openMailbox(inbox.id));
    if (!account || !inbox || !index) throw new Error(`account ${id} cannot be read`);
    for await (const batch of account.readEmails(inbox.id, index.uids, ['envelope', 'kept-fields'])) {
      for (const { uid, blobId, envelope, keptFields: kept, sizeBytes } of batch) {
        keys.add(`${id} ${uid}`);
        const known = acknowledged.get(`${id} ${uid}`);
        if (known) expect([envelope?.subject, sizeBytes]).toEqual([known.name, known.sizeBytes]);
        expect(kept && Buffer.from(kept.bytes.subarray(kept.start, kept.end)).toString()).toBe(`Subject: ${envelope?.subject}\r\n\r\n`);
        const text = await textOf(await account.readBlob(blobId));
        expect(text.length).toBe(sizeBytes);
        expect(text.endsWith(`${envelope?.subject}\r\n`)).toBe(true);
      }
    }
    expect(index.uids.length).toBe(inbox.messages);
  }
  return keys;
}

it(
  `a SIGKILL under load loses no acknowledged message and leaves no half one (${rounds} rounds)`,
  async () => {
    for (let round = 0; round < rounds; round++) {
      await deliverAndKill(round, 20 + Math.random() * 300);
      const store = await open();
      try {
        const keys = await readEverything(store);
        for (const key of acknowledged.keys()) if (!expunging.has(key) && !keys.has(key)) missing(key);
        for (const key of expunged) expect(keys.has(key), `${key} was expunged`).toBe(false);
        expect(await store.check()).toEqual([]);
        expect(readdirSync(join(directory, 'tmp'))).toEqual([]);
      } finally {
        await store.close();
      }
    }
    expect(acknowledged.size).toBeGreaterThan(rounds * 3);
    expect(globSync(join(directory, 'accounts/*/blobs/*/*')).length).toBeGreaterThan(0);
  },
  60_000 + rounds * 20_000,
);

function missing(key: string): never {
  throw new Error(`${key} was acknowledged and is gone: ${JSON.stringify(acknowledged.get(key))}`);
}
