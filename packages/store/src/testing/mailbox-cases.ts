import { deepEqual, equal, ok } from 'node:assert/strict';
import { deliver, flagsOf, granted, mailboxOf, makeAccount, present, type StoreCase, sameUids, uidsOf } from './suite.ts';

/** Mailboxes, their names and their counts. */
export const mailboxCases: readonly StoreCase[] = [
  {
    title: 'RFC 6154 §2: a new account has the usual mailboxes with their roles, subscribed',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const mailboxes = await account.mailboxes();
      deepEqual(
        mailboxes.map(({ path, role }) => [path, role]),
        [
          ['Archive', 'archive'],
          ['Drafts', 'drafts'],
          ['INBOX', 'inbox'],
          ['Junk', 'junk'],
          ['Sent', 'sent'],
          ['Trash', 'trash'],
        ],
      );
      ok(mailboxes.every(({ subscribed, messages, uidNext }) => subscribed && messages === 0 && uidNext === 1));
      equal((await account.subscriptions()).length, 6);
    },
  },
  {
    title: 'RFC 9051 §5.1: INBOX is found in any case, other mailboxes are not',
    async run({ store }) {
      const { account } = await makeAccount(store);
      equal((await account.mailbox('iNbOx'))?.path, 'INBOX');
      equal(await account.mailbox('sent'), undefined);
      equal(granted(await account.createMailbox('inbox/Work')).mailbox.path, 'INBOX/Work');
    },
  },
  {
    title: 'RFC 9051 §6.3.4: making a mailbox makes those above it',
    async run({ store, reopen }) {
      const { info, account } = await makeAccount(store);
      const { mailbox } = granted(await account.createMailbox('a/b/c'));
      const again = present(await (await reopen()).account(info.id));
      const above = present(await again.mailbox('a/b'));
      equal(mailbox.parentId, above.id);
      equal(above.parentId, (await again.mailbox('a'))?.id);
      deepEqual(await again.mailbox('a/b/c'), mailbox);
    },
  },
  {
    title: 'names that cannot be are refused',
    async run({ store }) {
      const { account } = await makeAccount(store);
      for (const path of ['', '/a', 'a/', 'a//b', 'a\0b', 'a\nb', 'x'.repeat(300), Array(60).fill('d').join('/'), '\ud800']) {
        deepEqual(await account.createMailbox(path), { ok: false, problem: 'invalid-name' }, JSON.stringify(path));
      }
      deepEqual(await account.createMailbox('Sent'), { ok: false, problem: 'name-taken' });
      deepEqual(await account.createMailbox('inbox'), { ok: false, problem: 'name-taken' });
    },
  },
  {
    title: 'RFC 9051 §5.1: a name is one name however its characters are composed',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const { mailbox } = granted(await account.createMailbox('Cafe\u0301'));
      equal(mailbox.path, 'Caf\u00e9');
      deepEqual(await account.mailbox('Cafe\u0301'), mailbox);
      deepEqual(await account.createMailbox('Caf\u00e9'), { ok: false, problem: 'name-taken' });
    },
  },
  {
    title: 'RFC 8621 §2: a role belongs to one mailbox',
    async run({ store }) {
      const { account } = await makeAccount(store);
      equal(granted(await account.createMailbox('Everything', { role: 'all' })).mailbox.role, 'all');
      deepEqual(await account.createMailbox('Sent Items', { role: 'sent' }), { ok: false, problem: 'role-taken' });
    },
  },
  {
    title: 'RFC 9051 §6.3.6: renaming takes the mailboxes below along; ids and uidvalidity stay',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const { mailbox } = granted(await account.createMailbox('a/b/c'));
      await deliver(store, account, [{}], 'a/b/c');
      const b = await mailboxOf(account, 'a/b');
      const renamed = granted(await account.renameMailbox(b.id, 'x/y')).mailbox;
      equal(renamed.id, b.id);
      const moved = await mailboxOf(account, 'x/y/c');
      deepEqual([moved.id, moved.uidValidity, moved.messages], [mailbox.id, mailbox.uidValidity, 1]);
      equal(await account.mailbox('a/b'), undefined);
      equal(await account.mailbox('a/b/c'), undefined);
      ok(await account.mailbox('a'));
    },
  },
  {
    title: 'RFC 9051 §6.3.6: paths below follow a shorter and a longer name',
    async run({ store }) {
      const { account } = await makeAccount(store);
      granted(await account.createMailbox('long name/b/c'));
      const paths = async () => (await account.mailboxes()).map(({ path }) => path).filter((path) => /^(l|s|very)/.test(path));
      granted(await account.renameMailbox((await mailboxOf(account, 'long name')).id, 's'));
      deepEqual(await paths(), ['s', 's/b', 's/b/c']);
      granted(await account.renameMailbox((await mailboxOf(account, 's')).id, 'very/long name'));
      deepEqual(await paths(), ['very', 'very/long name', 'very/long name/b', 'very/long name/b/c']);
    },
  },
  {
    title: 'RFC 9051 §6.3.6: a rename that cannot be says why and changes nothing',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const { mailbox } = granted(await account.createMailbox('a/b'));
      const a = await mailboxOf(account, 'a');
      const before = await account.mailboxes();
      deepEqual(await account.renameMailbox(a.id, 'a/b/c'), { ok: false, problem: 'into-itself' });
      deepEqual(await account.renameMailbox(mailbox.id, 'Sent'), { ok: false, problem: 'name-taken' });
      deepEqual(await account.renameMailbox(mailbox.id, 'x//y'), { ok: false, problem: 'invalid-name' });
      deepEqual(await account.renameMailbox('M999', 'x'), { ok: false, problem: 'no-such-mailbox' });
      deepEqual(await account.mailboxes(), before);
    },
  },
  {
    title: 'RFC 9051 §6.3.6: renaming INBOX moves its messages and leaves it empty',
    async run({ store }) {
      const { account } = await makeAccount(store);
      granted(await account.createMailbox('INBOX/kept'));
      await deliver(store, account, [{ flags: ['\\Seen'] }, {}]);
      const inbox = await mailboxOf(account);
      const { mailbox } = granted(await account.renameMailbox(inbox.id, 'old'));
      ok(mailbox.id !== inbox.id);
      deepEqual([mailbox.messages, mailbox.unseen], [2, 1]);
      const now = await mailboxOf(account);
      deepEqual([now.id, now.messages, now.unseen, now.uidNext], [inbox.id, 0, 0, 3]);
      deepEqual(await flagsOf(account, 'old'), { 1: ['\\Seen'], 2: [] });
      ok(await account.mailbox('INBOX/kept'));
    },
  },
  {
    title: 'RFC 9051 §6.3.5: a mailbox is deleted with its messages, unless others are below it',
    async run({ store, reopen }) {
      const { info, account } = await makeAccount(store);
      const { mailbox } = granted(await account.createMailbox('a/b'));
      await deliver(store, account, [{}, {}], 'a/b');
      const a = await mailboxOf(account, 'a');
      deepEqual(await account.deleteMailbox(a.id), { ok: false, problem: 'has-children' });
      deepEqual(await account.deleteMailbox((await mailboxOf(account)).id), { ok: false, problem: 'is-inbox' });
      deepEqual(await account.deleteMailbox('M999'), { ok: false, problem: 'no-such-mailbox' });
      deepEqual(await account.deleteMailbox(mailbox.id), { ok: true });
      deepEqual(await account.deleteMailbox(a.id), { ok: true });
      equal((await account.usage()).messages, 0);
      const again = present(await (await reopen()).account(info.id));
      equal(await again.mailbox('a/b'), undefined);
      equal(await again.openMailbox(mailbox.id), undefined);
    },
  },
  {
    title: 'RFC 9051 §2.3.1.1: a mailbox made again under a name has another id and another uidvalidity',
    async run({ store }) {
      const { account } = await makeAccount(store);
      const seen = new Set<unknown>();
      for (let i = 0; i < 5; i++) {
        const { mailbox } = granted(await account.createMailbox('again'));
        seen.add(mailbox.id).add(mailbox.uidValidity);
        await account.deleteMailbox(mailbox.id);
      }
      equal(seen.size, 10);
    },
  },
  {
    title: 'RFC 9051 §6.3.7: subscriptions are of names, also of those without a mailbox',
    async run({ store, reopen }) {
      const { info, account } = await makeAccount(store);
      await account.setSubscribed('Nowhere', true);
      await account.setSubscribed('Sent', false);
      const again = present(await (await reopen()).account(info.id));
      deepEqual(await again.subscriptions(), ['Archive', 'Drafts', 'INBOX', 'Junk', 'Nowhere', 'Trash']);
      equal((await mailboxOf(again, 'Sent')).subscribed, false);
      equal(granted(await again.createMailbox('Nowhere')).mailbox.subscribed, true);
    },
  },
  {
    title: 'counts follow every kind of change',
    async run({ store, reopen }) {
      const { info, account } = await makeAccount(store);
      const counts = async (of = account) => {
        const { messages, unseen, deleted, uidNext } = await mailboxOf(of);
        return [messages, unseen, deleted, uidNext];
      };
      await deliver(store, account, [{ flags: ['\\Seen'] }, { flags: ['\\Deleted'] }, {}]);
      deepEqual(await counts(), [3, 2, 1, 4]);
      const { id } = await mailboxOf(account);
      await account.updateFlags(id, { uids: Uint32Array.of(1, 2, 3), mode: 'replace', flags: ['\\Deleted', '\\Seen'] });
      deepEqual(await counts(), [3, 0, 3, 4]);
      await account.updateFlags(id, { uids: Uint32Array.of(2), mode: 'remove', flags: ['\\Seen', '\\Deleted'] });
      deepEqual(await counts(), [3, 1, 2, 4]);
      sameUids(await account.expunge(id, Uint32Array.of(1, 9)), [1]);
      deepEqual(await counts(), [2, 1, 1, 4]);
      await account.moveMessages(id, Uint32Array.of(2), (await mailboxOf(account, 'Trash')).id);
      deepEqual(await counts(), [1, 0, 1, 4]);
      const again = await reopen();
      const account2 = present(await again.account(info.id));
      deepEqual(await counts(account2), [1, 0, 1, 4]);
      deepEqual(await uidsOf(account2), [3]);
      deepEqual(await again.check(), []);
    },
  },
];
