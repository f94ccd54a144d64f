import type { AccountCalls } from '../wire.ts';
import type { AccountDatabase } from './account-database.ts';
import type * as AddMessages from './add-messages.ts';
import { parseId } from './blob-table.ts';
import { changesSince } from './changes-since.ts';
import { checkAccount } from './check-account.ts';
import { createMailbox, deleteMailbox, findMailbox, listMailboxes, renameMailbox, setSubscribed } from './mailboxes.ts';
import { copyMessages, expunge } from './move-messages.ts';
import { openMailbox, readDecision, readEmails, readUsage } from './read-emails.ts';
import { readRanges } from './read-ranges.ts';
import type * as Search from './search/search.ts';
import type { WriteSoon } from './unit.ts';
import { updateFlags } from './update-flags.ts';

type Args<K extends keyof AccountCalls> = Parameters<AccountCalls[K]>;
type Value<K extends keyof AccountCalls> = ReturnType<AccountCalls[K]>;

/** How a call is served: at once, in the next transaction, or on its own over several turns of the event loop. */
export type AccountCall<K extends keyof AccountCalls> =
  | { readonly kind: 'read'; run(account: AccountDatabase, ...args: Args<K>): Value<K> }
  | { readonly kind: 'write'; run(account: AccountDatabase, ...args: Args<K>): Value<K> }
  | { readonly kind: 'task'; run(account: AccountDatabase, write: WriteSoon, ...args: Args<K>): Promise<Value<K>> };

// Taking messages apart needs the formats' packages: a worker loads them with its first message or search, not at its start.
let adding: typeof AddMessages | undefined;
let searching: typeof Search | undefined;

async function addMessages(account: AccountDatabase, write: WriteSoon, ...args: Args<'addMessages'>): Promise<Value<'addMessages'>> {
  adding ??= await import('./add-messages.ts');
  return adding.prepareAndAdd(account, write, ...args);
}

async function search(account: AccountDatabase, _write: WriteSoon, ...args: Args<'search'>): Promise<Value<'search'>> {
  searching ??= await import('./search/search.ts');
  return searching.search(account, ...args);
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
  readBlob: { kind: 'read', run: (account, id, range) => account.blobs.read(parseId('B', id), range) },
  readRanges: { kind: 'read', run: readRanges },
  changesSince: { kind: 'read', run: changesSince },
  usage: { kind: 'read', run: readUsage },
  decision: { kind: 'read', run: readDecision },
  check: { kind: 'task', run: checkAccount },
  search: { kind: 'task', run: search },
  createMailbox: { kind: 'write', run: createMailbox },
  renameMailbox: { kind: 'write', run: (account, id, path, now) => renameMailbox(account, id, { path, now }) },
  deleteMailbox: { kind: 'write', run: deleteMailbox },
  setSubscribed: { kind: 'write', run: setSubscribed },
  addMessages: { kind: 'task', run: addMessages },
  updateFlags: { kind: 'write', run: updateFlags },
  copyMessages: { kind: 'write', run: (account, from, uids, to, now) => copyMessages(account, { from, uids, to, now, remove: false }) },
  moveMessages: { kind: 'write', run: (account, from, uids, to, now) => copyMessages(account, { from, uids, to, now, remove: true }) },
  expunge: { kind: 'write', run: expunge },
};
