import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Account, type Changes, openStore, type Store } from '../src/index.ts';
import { collect, granted, mailboxOf, makeAccount, messageText, stage } from '../src/testing/suite.ts';

// The account beside a model of it in plain maps: any row of operations leaves both the same, counts, history and all.

const paths = ['INBOX', 'Sent', 'Trash'] as const;
type Path = (typeof paths)[number];
const flagNames = ['\\Seen', '\\Deleted', 'red', 'blue'] as const;

interface ModelMessage {
  readonly email: string;
  flags: Set<string>;
}
interface ModelMailbox {
  uidNext: number;
  messages: Map<number, ModelMessage>;
}
type Model = Record<Path, ModelMailbox>;

type Operation =
  | { readonly type: 'add'; readonly path: Path; readonly count: number; readonly flags: readonly string[] }
  | {
      readonly type: 'flags';
      readonly path: Path;
      readonly uids: readonly number[];
      readonly mode: 'add' | 'remove' | 'replace';
      readonly flags: readonly string[];
    }
  | { readonly type: 'copy' | 'move'; readonly path: Path; readonly uids: readonly number[]; readonly to: Path }
  | { readonly type: 'expunge'; readonly path: Path; readonly uids: readonly number[] }
  | { readonly type: 'reopen' };

const path = fc.constantFrom(...paths);
const uids = fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 6 });
const flags = fc.uniqueArray(fc.constantFrom(...flagNames), { maxLength: 3 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('add' as const), path, count: fc.integer({ min: 1, max: 4 }), flags }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('flags' as const), path, uids, mode: fc.constantFrom('add', 'remove', 'replace'), flags }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('copy' as const, 'move' as const), path, uids, to: path }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('expunge' as const), path, uids }) },
  { weight: 1, arbitrary: fc.constant({ type: 'reopen' as const }) },
);

let directory = '';
let store: Store;
let accounts = 0;
const open = (): Promise<Store> => openStore({ directory, clock: { now: () => Date.now() }, workers: 1 });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mox-model-'));
  store = await open();
});
afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

function chosen(mailbox: ModelMailbox, wanted: readonly number[]): [number, ModelMessage][] {
  return [...mailbox.messages].filter(([uid]) => wanted.includes(uid)).sort(([a], [b]) => a - b);
}

function applyToModel(model: Model, done: Operation): void {
  if (done.type === 'add') {
    const mailbox = model[done.path];
    for (let i = 0; i < done.count; i++) mailbox.messages.set(mailbox.uidNext++, { email: '', flags: new Set(done.flags) });
  } else if (done.type === 'flags') {
    for (const [, message] of chosen(model[done.path], done.uids)) {
      if (done.mode === 'replace') message.flags = new Set(done.flags);
      else for (const flag of done.flags) message.flags[done.mode === 'add' ? 'add' : 'delete'](flag);
    }
  } else if (done.type === 'copy' || done.type === 'move') {
    const to = model[done.to];
    for (const [uid, message] of chosen(model[done.path], done.uids)) {
      to.messages.set(to.uidNext++, { ...message, flags: new Set(message.flags) });
      if (done.type === 'move') model[done.path].messages.delete(uid);
    }
  } else if (done.type === 'expunge') {
    for (const [uid] of chosen(model[done.path], done.uids)) model[done.path].messages.delete(uid);
  }
}

async function applyToAccount(account: Account, done: Operation): Promise<void> {
  if (done.type === 'reopen') return;
  const { id } = await mailboxOf(account, done.path);
  if (done.type === 'add') {
    const blob = await stage(store, messageText('x'));
    const messages = Array.from({ length: done.count }, () => ({ mailboxId: id, blob, receivedAt: 1, flags: done.flags }));
    granted(await account.addMessages(messages));
  } else if (done.type === 'flags') {
    await account.updateFlags(id, { uids: Uint32Array.from(done.uids), mode: done.mode, flags: done.flags });
  } else if (done.type === 'expunge') {
    await account.expunge(id, Uint32Array.from(done.uids));
  } else {
    const to = await mailboxOf(account, done.to);
    await account[done.type === 'copy' ? 'copyMessages' : 'moveMessages'](id, Uint32Array.from(done.uids), to.id);
  }
}

type Seen = Record<string, Record<number, string>>;

/** Uids and flags of every mailbox, from the account. */
async function seenOf(account: Account): Promise<Seen> {
  const seen: Seen = {};
  for (const each of paths) {
    const mailbox = await mailboxOf(account, each);
    const index = await account.openMailbox(mailbox.id);
    if (!index) throw new Error('no index');
    const sets = new Map(index.flagSets.map((set) => [set.id, set.flags.join(' ')]));
    const rows = Array.from(index.uids, (uid, i): [number, string] => [uid, sets.get(index.flagSetIds[i] ?? 0) ?? '?']);
    seen[mailbox.id] = Object.fromEntries(rows);
    const emails = await collect(account.readEmails(mailbox.id, index.uids, []));
    expect(emails.map(({ uid }) => uid)).toEqual([...index.uids]);
    const found = await account.search(mailbox.id, { type: 'not', criterion: { type: 'flag', flag: '\\Seen' } });
    expect([...found]).toEqual(rows.filter(([, text]) => !text.includes('\\Seen')).map(([uid]) => uid));
    expect([mailbox.messages, mailbox.unseen]).toEqual([rows.length, found.length]);
  }
  return seen;
}

async function expectSame(account: Account, model: Model): Promise<Seen> {
  const expected: Seen = {};
  for (const each of paths) {
    const mailbox = await mailboxOf(account, each);
    expect(mailbox.uidNext).toBe(model[each].uidNext);
    const rows = [...model[each].messages].map(([uid, message]): [number, string] => [uid, [...message.flags].sort().join(' ')]);
    expected[mailbox.id] = Object.fromEntries(rows);
  }
  const seen = await seenOf(account);
  expect(seen).toEqual(expected);
  return seen;
}

/** What was seen before, brought up to date by the changes since. */
function replay(before: Seen, changes: Changes): Seen {
  const after = structuredClone(before);
  const sets = new Map(changes.flagSets.map((set) => [set.id, set.flags.join(' ')]));
  for (const { mailboxId, added, flags: changed, expunged } of changes.messages) {
    const mailbox = after[mailboxId] ?? {};
    for (const uid of expunged ?? []) {
      expect(mailbox, `${uid} was expunged without having been there`).toHaveProperty(String(uid));
      delete mailbox[uid];
    }
    for (const states of [added, changed]) {
      states?.uids.forEach((uid, i) => {
        expect(uid in mailbox).toBe(states === changed);
        mailbox[uid] = sets.get(states.flagSetIds[i] ?? 0) ?? '?';
      });
    }
  }
  return after;
}

async function play(operations: readonly Operation[]): Promise<void> {
  const made = await makeAccount(store, { name: `model${accounts++}` });
  let { account } = made;
  const empty = (): ModelMailbox => ({ uidNext: 1, messages: new Map() });
  const model: Model = { INBOX: empty(), Sent: empty(), Trash: empty() };
  const history: { readonly modseq: number; readonly seen: Seen }[] = [{ modseq: await account.modseq(), seen: await seenOf(account) }];
  for (const done of operations) {
    if (done.type === 'reopen') {
      await store.close();
      store = await open();
      account = (await store.account(made.info.id)) ?? account;
    }
    await applyToAccount(account, done);
    applyToModel(model, done);
    history.push({ modseq: await account.modseq(), seen: await expectSame(account, model) });
  }
  const last = history.at(-1)?.seen;
  for (const { modseq, seen } of history) expect(replay(seen, await account.changesSince(modseq))).toEqual(last);
}

it('any row of operations leaves the account as a simple model of it, and every history leads to it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 12 }), (operations) => play(operations)),
    { numRuns: Number(process.env['MOX_MODEL_RUNS'] ?? 25), endOnFailure: true },
  );
  expect(await store.check()).toEqual([]);
}, 120_000);
