import type { AccountCalls } from '../wire.ts';
import type { AccountDatabase } from './account-database.ts';
import { addMessages, dropPrepared, type PreparedEmail, prepareEmails, prepareSmallEmails, refusal } from './add-messages.ts';
import { parseId } from './blob-table.ts';
import { changesSince } from './changes-since.ts';
import { checkAccount } from './check-account.ts';
import { createMailbox, deleteMailbox, findMailbox, listMailboxes, renameMailbox, setSubscribed } from './mailboxes.ts';
import { copyMessages, expunge } from './move-messages.ts';
import { openMailbox, readDecision, readEmails, readUsage } from './read-emails.ts';
import { search } from './search/search.ts';
import { updateFlags } from './update-flags.ts';

type Args<K extends keyof AccountCalls> = Parameters<AccountCalls[K]>;
type Value<K extends keyof AccountCalls> = ReturnType<AccountCalls[K]>;

/** How a call is served: at once, in the next transaction, or on its own over several turns of the event loop. */
export type AccountCall<K extends keyof AccountCalls> =
  | { readonly kind: 'read'; run(account: AccountDatabase, ...args: Args<K>): Value<K> }
  | { readonly kind: 'write'; run(account: AccountDatabase, ...args: Args<K>): Value<K> }
  | { readonly kind: 'task'; run(account: AccountDatabase, write: WriteSoon, ...args: Args<K>): Promise<Value<K>> };

/** Puts something into the account's next transaction; the promise resolves when that is durable. */
export type WriteSoon = <T>(run: () => T) => Promise<T>;

async function prepareAndAdd(account: AccountDatabase, write: WriteSoon, add: Args<'addMessages'>[0]): Promise<Value<'addMessages'>> {
  const refused = refusal(account, add);
  if (refused) return refused;
  const allSmall = add.blobs.every((source) => 'bytes' in source);
  const emails: PreparedEmail[] = allSmall ? prepareSmallEmails(add.blobs) : await prepareEmails(account, add.blobs);
  try {
    const result = await write(() => addMessages(account, add, emails));
    if (!result.ok) dropPrepared(account, emails);
    return result;
  } catch (error) {
    dropPrepared(account, emails);
    throw error;
  }
}

/** The calls for an account: a row each. */
export const accountCalls: { readonly [K in Exclude<keyof AccountCalls, 'closeAccount' | 'watch'>]: AccountCall<K> } = {
  modseq: { kind: 'read', run: (account) => account.modseq },
  mailboxes: { kind: 'read', run: listMailboxes },
  mailbox: { kind: 'read', run: findMailbox },
  subscriptions: { kind: 'read', run: (account) => [...account.subscriptions].sort() },
  openMailbox: { kind: 'read', run: openMailbox },
  flagSet: { kind: 'read', run: (account, id) => account.flagSets.among([id])[0] },
  readEmails: { kind: 'read', run: (account, mailboxId, uids, columns) => readEmails(account, mailboxId, { uids, columns }) },
  readBlob: { kind: 'read', run: (account, id) => account.blobs.read(parseId('B', id)) },
  changesSince: { kind: 'read', run: changesSince },
  usage: { kind: 'read', run: readUsage },
  decision: { kind: 'read', run: readDecision },
  check: { kind: 'read', run: checkAccount },
  search: { kind: 'task', run: (account, _write, mailboxId, criterion) => search(account, mailboxId, criterion) },
  createMailbox: { kind: 'write', run: createMailbox },
  renameMailbox: { kind: 'write', run: (account, id, path, now) => renameMailbox(account, id, { path, now }) },
  deleteMailbox: { kind: 'write', run: deleteMailbox },
  setSubscribed: { kind: 'write', run: setSubscribed },
  addMessages: { kind: 'task', run: prepareAndAdd },
  updateFlags: { kind: 'write', run: updateFlags },
  copyMessages: { kind: 'write', run: (account, from, uids, to, now) => copyMessages(account, { from, uids, to, now, remove: false }) },
  moveMessages: { kind: 'write', run: (account, from, uids, to, now) => copyMessages(account, { from, uids, to, now, remove: true }) },
  expunge: { kind: 'write', run: expunge },
};
