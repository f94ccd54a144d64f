import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { Credential } from '../accounts.ts';
import { deliver, granted, makeAccount, messageText, present, type StoreCase, stage } from './suite.ts';

const scram: Credential = {
  ...{ type: 'scram', hash: 'sha256', iterations: 4096 },
  ...{ salt: Uint8Array.of(1, 2), storedKey: Uint8Array.of(3), serverKey: Uint8Array.of(4, 255) },
};
const password: Credential = { type: 'password', hash: '$scrypt$ln=15,r=8,p=1$c2FsdA$aGFzaA' };

/** Accounts and their directory. */
export const accountCases: readonly StoreCase[] = [
  {
    title: 'an account is found by id, name and address, also after opening again',
    async run({ store, reopen }) {
      const { info } = await makeAccount(store, { addresses: ['joe@example.org', 'j@example.org'], quotaBytes: 5000 });
      const again = await reopen();
      for (const found of [
        await again.accounts.get(info.id),
        await again.accounts.findByLogin('joe'),
        await again.accounts.findByLogin('j@example.org'),
        await again.accounts.findByAddress('joe@example.org'),
        (await again.accounts.list())[0],
      ]) {
        deepEqual(found, info);
      }
      deepEqual(info.addresses, ['joe@example.org', 'j@example.org']);
      equal(info.quotaBytes, 5000);
      equal(info.enabled, true);
    },
  },
  {
    title: 'names and addresses belong to one account',
    async run({ store }) {
      await makeAccount(store);
      const create = (name: string, address: string) => store.accounts.create({ name, addresses: [address], credentials: [] });
      deepEqual(await create('joe', 'x@example.org'), { ok: false, problem: 'name-taken', taken: 'joe' });
      deepEqual(await create('jane', 'joe@example.org'), { ok: false, problem: 'address-taken', taken: 'joe@example.org' });
      deepEqual(await create('joe@example.org', 'x@example.org'), { ok: false, problem: 'name-taken', taken: 'joe@example.org' });
      equal((await store.accounts.list()).length, 1);
      granted(await create('jane', 'jane@example.org'));
    },
  },
  {
    title: 'an address without account of its own goes to the catch-all of its domain, then to that of all',
    async run({ store }) {
      const { info: all } = await makeAccount(store, { name: 'all', addresses: ['@'] });
      const { info: domain } = await makeAccount(store, { name: 'domain', addresses: ['@example.org'] });
      const { info: joe } = await makeAccount(store);
      equal((await store.accounts.findByAddress('joe@example.org'))?.id, joe.id);
      equal((await store.accounts.findByAddress('other@example.org'))?.id, domain.id);
      equal((await store.accounts.findByAddress('other@example.net'))?.id, all.id);
      equal(await store.accounts.findByLogin('@example.org'), undefined);
      equal(await store.accounts.findByLogin('other@example.org'), undefined);
    },
  },
  {
    title: 'a look-up that found nothing finds the account once it is made',
    async run({ store }) {
      equal(await store.accounts.findByAddress('joe@example.org'), undefined);
      const { info } = await makeAccount(store);
      equal((await store.accounts.findByAddress('joe@example.org'))?.id, info.id);
    },
  },
  {
    title: 'credentials come back as they were set, all at once',
    async run({ store, reopen }) {
      const { info } = await makeAccount(store, { credentials: [password] });
      deepEqual(await store.accounts.credentials(info.id), [password]);
      await store.accounts.setCredentials(info.id, [scram, password]);
      deepEqual(await (await reopen()).accounts.credentials(info.id), [scram, password]);
      deepEqual(await store.accounts.credentials('none').catch(() => []), []);
    },
  },
  {
    title: 'an account can be changed',
    async run({ store }) {
      const { info } = await makeAccount(store);
      await makeAccount(store, { name: 'jane' });
      const changed = await store.accounts.update(info.id, { addresses: ['new@example.org'], quotaBytes: 100, enabled: false });
      deepEqual(changed, { ...info, addresses: ['new@example.org'], quotaBytes: 100, enabled: false });
      equal(await store.accounts.findByAddress('joe@example.org'), undefined);
      equal(await store.accounts.update(info.id, { addresses: ['jane@example.org'] }), undefined);
      deepEqual((await store.accounts.get(info.id))?.addresses, ['new@example.org']);
      equal((await store.accounts.update(info.id, { quotaBytes: null }))?.quotaBytes, undefined);
      equal(await store.accounts.update('none', { enabled: true }), undefined);
    },
  },
  {
    title: 'the handle of an account is the same for the same id',
    async run({ store }) {
      const { info, account } = await makeAccount(store);
      const [one, two] = await Promise.all([store.account(info.id), store.account(info.id)]);
      equal(one, account);
      equal(two, account);
      equal(await store.account('none'), undefined);
    },
  },
  {
    title: 'a removed account is gone with its mail, and its name is free',
    async run({ store, reopen }) {
      const { info, account } = await makeAccount(store);
      await deliver(store, account, [{}]);
      equal(await store.accounts.remove(info.id), true);
      equal(await store.accounts.remove(info.id), false);
      equal(await store.account(info.id), undefined);
      await rejects(account.mailboxes(), { name: 'StoreError', code: 'closed' });
      const again = await reopen();
      const fresh = await makeAccount(again);
      ok(fresh.info.id !== info.id);
      equal((await fresh.account.usage()).messages, 0);
      deepEqual(await again.check(), []);
    },
  },
  {
    title: 'the quota bounds the sizes of all messages; a call that would pass it adds nothing',
    async run({ store }) {
      const content = messageText('a', 'x'.repeat(400));
      const { info, account } = await makeAccount(store, { quotaBytes: content.length * 2 });
      const { id } = present(await account.mailbox('INBOX'));
      const add = async (count: number) => {
        const blob = await stage(store, content);
        return account.addMessages(Array.from({ length: count }, () => ({ mailboxId: id, blob, receivedAt: 1 })));
      };
      granted(await add(1));
      deepEqual(await add(2), { ok: false, problem: 'over-quota', index: 1 });
      deepEqual(await account.usage(), { messages: 1, sizeBytes: content.length, quotaBytes: content.length * 2 });
      await store.accounts.update(info.id, { quotaBytes: null });
      granted(await add(2));
      deepEqual(await account.usage(), { messages: 3, sizeBytes: content.length * 3 });
    },
  },
];
