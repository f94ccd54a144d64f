import { deepEqual, equal } from 'node:assert/strict';
import { deliver, flagsOf, mailboxOf, makeAccount, present, type StoreCase, sameUids } from './suite.ts';

/** Flags and keywords. */
export const flagCases: readonly StoreCase[] = [
  {
    title: 'RFC 9051 §2.3.2: system flags are stored in their usual case, keywords as first seen, each once',
    async run({ store, reopen }) {
      const { info, account } = await makeAccount(store);
      await deliver(store, account, [{ flags: ['\\SEEN', '$Work', '\\seen', '$work', '\\aNSWERED'] }, { flags: ['$WORK'] }]);
      const again = present(await (await reopen()).account(info.id));
      deepEqual(await flagsOf(again), { 1: ['$Work', '\\Answered', '\\Seen'], 2: ['$Work'] });
    },
  },
  {
    title: 'flags are added, removed and replaced; messages that have them already do not change',
    async run({ store }) {
      const { account } = await makeAccount(store);
      await deliver(store, account, [{ flags: ['\\Seen'] }, {}, { flags: ['x'] }]);
      const { id } = await mailboxOf(account);
      const update = async (mode: 'add' | 'remove' | 'replace', flags: string[]) =>
        present(await account.updateFlags(id, { uids: Uint32Array.of(1, 2, 3, 9), mode, flags }));
      const before = await account.modseq();
      const added = await update('add', ['\\seen']);
      sameUids(added.uids, [2, 3]);
      deepEqual([...added.modseqs], [before + 1, before + 1]);
      deepEqual(new Set(added.flagSets.map((set) => set.flags.join())), new Set(['\\Seen', '\\Seen,x']));
      deepEqual(await flagsOf(account), { 1: ['\\Seen'], 2: ['\\Seen'], 3: ['\\Seen', 'x'] });
      sameUids((await update('remove', ['X', 'never'])).uids, [3]);
      sameUids((await update('replace', ['\\Flagged', 'y'])).uids, [1, 2, 3]);
      deepEqual(await flagsOf(account), { 1: ['\\Flagged', 'y'], 2: ['\\Flagged', 'y'], 3: ['\\Flagged', 'y'] });
      const modseq = await account.modseq();
      sameUids((await update('add', ['y'])).uids, []);
      equal(await account.modseq(), modseq);
    },
  },
  {
    title: 'RFC 7162 §3.1.3: messages changed after unchangedSince are left alone and named',
    async run({ store }) {
      const { account } = await makeAccount(store);
      await deliver(store, account, [{}, {}, {}]);
      const { id } = await mailboxOf(account);
      const since = await account.modseq();
      await account.updateFlags(id, { uids: Uint32Array.of(2), mode: 'add', flags: ['\\Seen'] });
      const result = present(
        await account.updateFlags(id, { uids: Uint32Array.of(1, 2, 3), mode: 'add', flags: ['z'], unchangedSince: since }),
      );
      sameUids(result.uids, [1, 3]);
      sameUids(result.modified, [2]);
      deepEqual(await flagsOf(account), { 1: ['z'], 2: ['\\Seen'], 3: ['z'] });
    },
  },
  {
    title: 'RFC 8621 §4.1.1: what is no keyword is refused, the rest is taken',
    async run({ store }) {
      const { account } = await makeAccount(store);
      await deliver(store, account, [{ flags: ['good', 'a b', '\\Recent'] }]);
      const { id } = await mailboxOf(account);
      const flags = ['ok!', '\\Recent', '\\Nonsense', '', 'two words', 'q"', 'x'.repeat(300), 'caf\u00e9', '(', '100%'];
      const result = present(await account.updateFlags(id, { uids: Uint32Array.of(1), mode: 'add', flags }));
      deepEqual(result.refused, flags.slice(1));
      deepEqual(await flagsOf(account), { 1: ['good', 'ok!'] });
    },
  },
  {
    title: 'flag sets are found by id and never change',
    async run({ store }) {
      const { account } = await makeAccount(store);
      await deliver(store, account, [{ flags: ['one'] }]);
      const { id } = await mailboxOf(account);
      const index = present(await account.openMailbox(id));
      const setId = present(index.flagSetIds[0]);
      await account.updateFlags(id, { uids: Uint32Array.of(1), mode: 'replace', flags: ['two'] });
      deepEqual(await account.flagSet(setId), { id: setId, flags: ['one'] });
      equal(await account.flagSet(999_999), undefined);
    },
  },
  {
    title: 'thousands of messages change at once',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const count = 3000;
      await deliver(store, account, [{}]);
      const { id } = await mailboxOf(account);
      for (let have = 1; have < count; have *= 2) {
        await account.copyMessages(
          id,
          Uint32Array.from({ length: have }, (_, i) => i + 1),
          id,
        );
      }
      const uids = Uint32Array.from({ length: count }, (_, i) => count - i);
      const result = present(await account.updateFlags(id, { uids, mode: 'add', flags: ['\\Seen'] }));
      equal(result.uids.length, count);
      equal(result.uids[0], 1);
      const { messages, unseen } = await mailboxOf(account);
      equal(messages - unseen, count);
    },
  },
];
