import { deepEqual, equal, ok } from 'node:assert/strict';
import type { AccountChange, Changes, MailboxChange } from '../change.ts';
import { deliver, granted, mailboxOf, makeAccount, present, type StoreCase } from './suite.ts';

/** A change of messages in plain arrays. */
function plain(change: MailboxChange): Record<string, unknown> {
  const { mailboxId, added, flags, expunged } = change;
  return {
    mailboxId,
    ...(added ? { added: [...added.uids] } : {}),
    ...(flags ? { flags: [...flags.uids] } : {}),
    ...(expunged ? { expunged: [...expunged] } : {}),
  };
}

function messagesOf(changes: Changes | AccountChange): Record<string, unknown>[] {
  return changes.messages.map(plain);
}

/** The change counter, what changed since, and live changes. */
export const changeCases: readonly StoreCase[] = [
  {
    title: 'RFC 7162 §3.2.5: what changed since a modseq is merged to the outcome',
    async run({ store, reopen }) {
      const { info, account } = await makeAccount(store);
      await deliver(store, account, [{}, {}, {}]);
      const { id } = await mailboxOf(account);
      const from = await account.modseq();
      await deliver(store, account, [{}, {}]);
      await account.updateFlags(id, { uids: Uint32Array.of(1, 4), mode: 'add', flags: ['\\Seen'] });
      await account.expunge(id, Uint32Array.of(2, 5));
      const again = present(await (await reopen()).account(info.id));
      const changes = await again.changesSince(from);
      deepEqual(messagesOf(changes), [{ mailboxId: id, added: [4], flags: [1], expunged: [2] }]);
      deepEqual(messagesOf(await again.changesSince(from, { briefly: true })), [
        { mailboxId: id, added: [4], flags: [1], expunged: [2, 5] },
      ]);
      deepEqual([changes.from, changes.to, changes.complete], [from, await again.modseq(), true]);
      const sets = new Map(changes.flagSets.map((set) => [set.id, set.flags]));
      deepEqual(sets.get(present(changes.messages[0]?.flags?.flagSetIds[0])), ['\\Seen']);
      deepEqual(await again.changesSince(changes.to), { ...changes, from: changes.to, messages: [], flagSets: [] });
    },
  },
  {
    title: 'changes of one mailbox leave the others out',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const from = await account.modseq();
      await deliver(store, account, [{}], 'Sent');
      await deliver(store, account, [{}]);
      const sent = await mailboxOf(account, 'Sent');
      deepEqual(messagesOf(await account.changesSince(from, { mailboxId: sent.id })), [{ mailboxId: sent.id, added: [1] }]);
      equal((await account.changesSince(from)).messages.length, 2);
    },
  },
  {
    title: 'mailboxes made, renamed and deleted are told, merged',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const { mailbox: kept } = granted(await account.createMailbox('kept'));
      const { mailbox: gone } = granted(await account.createMailbox('gone'));
      const from = await account.modseq();
      const { mailbox: made } = granted(await account.createMailbox('made'));
      const { mailbox: brief } = granted(await account.createMailbox('brief'));
      await account.deleteMailbox(brief.id);
      await account.renameMailbox(kept.id, 'kept2');
      await account.renameMailbox(kept.id, 'kept3');
      await account.renameMailbox(gone.id, 'gone2');
      await account.deleteMailbox(gone.id);
      const { mailboxes } = await account.changesSince(from);
      deepEqual(
        mailboxes.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
        [
          { id: gone.id, kind: 'deleted', path: 'gone' },
          { id: kept.id, kind: 'updated', path: 'kept3', oldPath: 'kept' },
          { id: made.id, kind: 'created', path: 'made' },
        ],
      );
    },
  },
  {
    title: 'a modseq from the future is answered with everything to be read anew',
    async run({ store }) {
      const { account } = await makeAccount(store);
      equal((await account.changesSince((await account.modseq()) + 10)).complete, false);
    },
  },
  {
    title: 'every committed change is told once, in order, with the flag sets that are new',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const { id } = await mailboxOf(account);
      const trash = await mailboxOf(account, 'Trash');
      const heard: AccountChange[] = [];
      const stop = account.watch((change) => heard.push(change));
      await deliver(store, account, [{ flags: ['fresh'] }]);
      await account.updateFlags(id, { uids: Uint32Array.of(1), mode: 'add', flags: ['\\Seen'] });
      await account.updateFlags(id, { uids: Uint32Array.of(1), mode: 'add', flags: ['\\Seen'] });
      await account.moveMessages(id, Uint32Array.of(1), trash.id);
      await account.expunge(trash.id, Uint32Array.of(1));
      granted(await account.createMailbox('new'));
      deepEqual(heard.map(messagesOf), [
        [{ mailboxId: id, added: [1] }],
        [{ mailboxId: id, flags: [1] }],
        [
          { mailboxId: trash.id, added: [1] },
          { mailboxId: id, expunged: [1] },
        ],
        [{ mailboxId: trash.id, expunged: [1] }],
        [],
      ]);
      deepEqual(heard[0]?.flagSets[0]?.flags, ['fresh']);
      equal(heard[0]?.messages[0]?.added?.flagSetIds[0], heard[0]?.flagSets[0]?.id);
      equal(heard.at(-1)?.mailboxes[0]?.kind, 'created');
      const modseqs = heard.map(({ modseq }) => modseq);
      ok(modseqs.every((modseq, i) => i === 0 || modseq > (modseqs[i - 1] ?? 0)));
      equal(modseqs.at(-1), await account.modseq());
      stop();
      await deliver(store, account, [{}]);
      equal(heard.length, 5);
    },
  },
  {
    title: 'several listeners hear the same, and each stops alone',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const heard = [0, 0];
      const stops = heard.map((_, i) =>
        account.watch(() => {
          heard[i] = (heard[i] ?? 0) + 1;
        }),
      );
      await deliver(store, account, [{}]);
      stops[0]?.();
      stops[0]?.();
      await deliver(store, account, [{}]);
      deepEqual(heard, [1, 2]);
    },
  },
  {
    title: 'live changes add up to what changesSince says',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const { id } = await mailboxOf(account);
      const from = await account.modseq();
      const live = new Set<number>();
      account.watch(({ messages }) => {
        for (const { added, expunged } of messages) {
          for (const uid of added?.uids ?? []) live.add(uid);
          for (const uid of expunged ?? []) live.delete(uid);
        }
      });
      await Promise.all(
        Array.from({ length: 20 }, async (_, i) => {
          const [uid = 0] = await deliver(store, account, [{}]);
          if (i % 3 === 0) await account.expunge(id, Uint32Array.of(uid));
        }),
      );
      const [change] = (await account.changesSince(from, { mailboxId: id })).messages;
      deepEqual(
        [...(change?.added?.uids ?? [])],
        [...live].sort((a, b) => a - b),
      );
      equal(live.size, 13);
    },
  },
];
