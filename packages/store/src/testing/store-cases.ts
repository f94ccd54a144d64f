import { deepEqual, rejects, throws } from 'node:assert/strict';
import { StoreError } from '../store.ts';
import { deliver, makeAccount, type StoreCase } from './suite.ts';

const closed = (error: unknown): boolean => error instanceof StoreError && error.code === 'closed';

/** The store as a whole. */
export const storeCases: readonly StoreCase[] = [
  {
    title: 'check finds nothing wrong with a store in use',
    async run({ store }) {
      const { account } = await makeAccount(store);
      await deliver(store, account, [{}, { content: new Uint8Array(200_000) }]);
      deepEqual(await store.check(), []);
    },
  },
  {
    title: 'closing finishes what was begun, and ends all handles',
    async run({ store, reopen }) {
      const { info, account } = await makeAccount(store);
      const under = deliver(store, account, [{}, {}]);
      await new Promise((resolve) => setTimeout(resolve, 0));
      await Promise.allSettled([under, store.close()]);
      const kept = await under.then(
        () => 2,
        () => 0,
      );
      await rejects(account.modseq(), closed);
      throws(() => store.writeBlob(), closed);
      await store.close();
      const again = await reopen();
      deepEqual((await (await again.account(info.id))?.usage())?.messages, kept);
    },
  },
];
