import { accountCases } from './testing/account-cases.ts';
import { changeCases } from './testing/change-cases.ts';
import { flagCases } from './testing/flag-cases.ts';
import { mailboxCases } from './testing/mailbox-cases.ts';
import { messageCases } from './testing/message-cases.ts';
import { queueCases } from './testing/queue-cases.ts';
import { searchCases } from './testing/search-cases.ts';
import { storeCases } from './testing/store-cases.ts';
import type { StoreCase, StorePlace } from './testing/suite.ts';

export type { CaseContext, StoreCase, StorePlace } from './testing/suite.ts';

/** The two functions of a test runner that the suite needs; those of vitest and of node:test fit. */
export interface TestRunner {
  describe(title: string, body: () => void): unknown;
  it(title: string, body: () => Promise<void>): unknown;
}

/** Every case, by its subject: what each engine behind the interface must do. */
export const storeCaseGroups: Readonly<Record<string, readonly StoreCase[]>> = {
  accounts: accountCases,
  mailboxes: mailboxCases,
  messages: messageCases,
  flags: flagCases,
  changes: changeCases,
  search: searchCases,
  'queue and decisions': queueCases,
  store: storeCases,
};

async function runCase(each: StoreCase, place: StorePlace): Promise<void> {
  let store = await place.open();
  const reopen = async () => {
    await store.close();
    store = await place.open();
    return store;
  };
  try {
    await each.run({ store, reopen });
  } finally {
    await store.close();
    await place.dispose();
  }
}

/** Describes the tests that every engine of the store must pass. `makePlace` gives an empty place for each case. */
export function describeStore(name: string, makePlace: () => Promise<StorePlace>, runner: TestRunner): void {
  runner.describe(name, () => {
    for (const [group, cases] of Object.entries(storeCaseGroups)) {
      runner.describe(group, () => {
        for (const each of cases) runner.it(each.title, async () => runCase(each, await makePlace()));
      });
    }
  });
}
