import type { GlobalCalls } from '../wire.ts';
import { checkGlobal } from './check-global.ts';
import { findDecisions, recordDecision } from './decision-table.ts';
import {
  createAccount,
  findAccountByAddress,
  findAccountByLogin,
  forgetRemovedAccount,
  getAccount,
  listAccounts,
  readCredentials,
  removeAccount,
  removedAccounts,
  setCredentials,
  updateAccount,
} from './directory.ts';
import type { GlobalDatabase } from './global-database.ts';
import {
  applyToQueue,
  dueMessages,
  getQueued,
  listQueued,
  nextDue,
  prepareQueued,
  readQueuedBlob,
  removeQueued,
  rescheduleQueued,
} from './queue-table.ts';
import type { WriteSoon } from './unit.ts';

type Args<K extends keyof GlobalCalls> = Parameters<GlobalCalls[K]>;
type Value<K extends keyof GlobalCalls> = ReturnType<GlobalCalls[K]>;

/** How a call is served; see `AccountCall`. `lazyMs`: how long a write may wait for others to share its transaction. */
export type GlobalCall<K extends keyof GlobalCalls> =
  | { readonly kind: 'read'; run(global: GlobalDatabase, ...args: Args<K>): Value<K> }
  | { readonly kind: 'write'; readonly lazyMs?: number; run(global: GlobalDatabase, ...args: Args<K>): Value<K> }
  | { readonly kind: 'task'; run(global: GlobalDatabase, write: WriteSoon, ...args: Args<K>): Promise<Value<K>> };

async function prepareAndApply(
  global: GlobalDatabase,
  write: WriteSoon,
  batch: Args<'applyToQueue'>[0],
  blobs: Args<'applyToQueue'>[1],
  now: number,
): Promise<readonly string[]> {
  const prepared = await prepareQueued(global, blobs);
  try {
    return await write(() => applyToQueue(global, { batch, blobs: prepared, now }));
  } catch (error) {
    for (const { content } of prepared) if ('file' in content) global.blobs.dropFile(content.file);
    throw error;
  }
}

/** The calls for the shared database: a row each. */
export const globalCalls: { readonly [K in keyof GlobalCalls]: GlobalCall<K> } = {
  createAccount: { kind: 'write', run: createAccount },
  getAccount: { kind: 'read', run: getAccount },
  listAccounts: { kind: 'read', run: listAccounts },
  findAccountByLogin: { kind: 'read', run: findAccountByLogin },
  findAccountByAddress: { kind: 'read', run: findAccountByAddress },
  credentials: { kind: 'read', run: readCredentials },
  setCredentials: { kind: 'write', run: setCredentials },
  updateAccount: { kind: 'write', run: updateAccount },
  removeAccount: { kind: 'write', run: removeAccount },
  removedAccounts: { kind: 'read', run: removedAccounts },
  forgetRemovedAccount: { kind: 'write', run: forgetRemovedAccount },
  applyToQueue: { kind: 'task', run: prepareAndApply },
  dueMessages: { kind: 'read', run: dueMessages },
  getQueued: { kind: 'read', run: getQueued },
  listQueued: { kind: 'read', run: listQueued },
  rescheduleQueued: { kind: 'write', run: rescheduleQueued },
  removeQueued: { kind: 'write', run: removeQueued },
  readQueuedBlob: { kind: 'read', run: readQueuedBlob },
  nextDue: { kind: 'read', run: nextDue },
  recordDecision: { kind: 'write', lazyMs: 100, run: recordDecision },
  findDecisions: { kind: 'read', run: findDecisions },
  checkGlobal: { kind: 'task', run: checkGlobal },
};
