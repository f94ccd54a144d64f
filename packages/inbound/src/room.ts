import type { Store } from '@mox/store';

/** Octets left to an account; undefined for no limit. */
export async function roomOf(store: Store, accountId: string): Promise<number | undefined> {
  const account = await store.account(accountId);
  const usage = await account?.usage();
  return usage?.quotaBytes === undefined ? undefined : Math.max(0, usage.quotaBytes - usage.sizeBytes);
}
