import type { SearchCriterion } from '../search.ts';
import type { AccountDatabase } from './account-database.ts';
import { parseId } from './blob-table.ts';

/** Uids of messages that match, ascending. */
export async function search(account: AccountDatabase, mailboxId: string, _criterion: SearchCriterion): Promise<Uint32Array> {
  const row = account.mailboxes.get(parseId('M', mailboxId));
  if (!row) return new Uint32Array(0);
  const index = account.index(row.id);
  return index.uids.slice(0, index.length);
}
