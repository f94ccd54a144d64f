import type { SearchCriterion } from '../../search.ts';
import type { AccountDatabase } from '../account-database.ts';
import { parseId } from '../blob-table.ts';
import { MessageIndex } from '../message-index.ts';
import { Turns } from '../turns.ts';
import { makeMatcher } from './matcher.ts';
import { readSearchedRow, SearchedMessage } from './searched-message.ts';

/** All searches of a thread take turns with each other and with requests. */
const turns = new Turns();

/** The index as it is now: messages that come or go while the search goes on do not change the places. */
function snapshot(index: MessageIndex): MessageIndex {
  const copy = new MessageIndex(0);
  copy.length = index.length;
  copy.uids = index.uids.slice(0, index.length);
  copy.modseqs = index.modseqs.slice(0, index.length);
  copy.flagSetIds = index.flagSetIds.slice(0, index.length);
  copy.sizes = index.sizes.slice(0, index.length);
  return copy;
}

/**
 * Uids of messages that match, ascending. Criteria of the index are looked at first; messages they leave undecided are read one by
 * one. The work goes on in slices, so that nobody else on this thread waits for a long search.
 */
export async function search(account: AccountDatabase, mailboxId: string, criterion: SearchCriterion): Promise<Uint32Array> {
  const mailbox = account.mailboxes.get(parseId('M', mailboxId));
  if (!mailbox) return new Uint32Array(0);
  const index = snapshot(account.index(mailbox.id));
  const pause = (): Promise<void> | undefined => (turns.over ? turns.enter() : undefined);
  const matcher = makeMatcher(criterion, { index, flagSets: account.flagSets, pause });
  const found: number[] = [];
  await turns.enter();
  for (let at = 0; at < index.length; at++) {
    const uid = index.uids[at] ?? 0;
    const quick = matcher.quick(at);
    if (quick === true) found.push(uid);
    if (quick !== undefined) continue;
    if (turns.over) await turns.enter();
    const row = readSearchedRow(account, mailbox.id, uid);
    if (row && (await matcher.slow(new SearchedMessage(account, row), at))) found.push(uid);
  }
  return Uint32Array.from(found);
}
