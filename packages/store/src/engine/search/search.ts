import type { SearchCriterion } from '../../search.ts';
import type { AccountDatabase } from '../account-database.ts';
import { parseId } from '../blob-table.ts';
import { MessageIndex } from '../message-index.ts';
import { Turns } from '../turns.ts';
import { type Matcher, makeMatcher } from './matcher.ts';
import { readSearchedRows, SearchedMessage } from './searched-message.ts';

/** Rows read in one go. */
const rowsAtOnce = 500;

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
  const index = account.index(mailbox.id);
  const pause = (): Promise<void> | undefined => (turns.over ? turns.enter() : undefined);
  const matcher = makeMatcher(criterion, { index, flagSets: account.flagSets, pause });
  // What the index alone decides is decided at once: a look at a number for each message.
  if (matcher.cost === 0) return Uint32Array.from(searchIndex(index, matcher));
  const still = snapshot(index);
  return searchRows(account, mailbox.id, {
    index: still,
    matcher: makeMatcher(criterion, { index: still, flagSets: account.flagSets, pause }),
  });
}

function searchIndex(index: MessageIndex, matcher: Matcher): number[] {
  const found: number[] = [];
  for (let at = 0; at < index.length; at++) if (matcher.quick(at)) found.push(index.uids[at] ?? 0);
  return found;
}

async function searchRows(
  account: AccountDatabase,
  mailboxId: number,
  { index, matcher }: { readonly index: MessageIndex; readonly matcher: Matcher },
): Promise<Uint32Array> {
  const found: number[] = [];
  for (let from = 0; from < index.length; from += rowsAtOnce) {
    await turns.enter();
    const to = Math.min(index.length, from + rowsAtOnce);
    const undecided = new Map<number, number>();
    for (let at = from; at < to; at++) {
      const quick = matcher.quick(at);
      if (quick === true) found.push(index.uids[at] ?? 0);
      else if (quick === undefined) undecided.set(index.uids[at] ?? 0, at);
    }
    for (const row of readSearchedRows(account, mailboxId, { uids: [...undecided.keys()], likely: matcher.likely })) {
      if (turns.over) await turns.enter();
      const uid = row[6];
      if (await matcher.slow(new SearchedMessage(account, row), undecided.get(uid) ?? 0)) found.push(uid);
    }
  }
  return Uint32Array.from(found).sort();
}
