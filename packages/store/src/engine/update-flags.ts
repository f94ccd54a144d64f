import type { FlagUpdate, FlagUpdateResult } from '../message.ts';
import type { AccountDatabase } from './account-database.ts';
import { parseId } from './blob-table.ts';
import type { StoredFlagSet } from './flag-sets.ts';
import type { MailboxRow } from './mailbox-rows.ts';
import { type MessageIndex, uidsToJson } from './message-index.ts';

/** The set that a message has after an update, by the set it had before: each pair worked out once. */
function transitions(account: AccountDatabase, update: FlagUpdate, flags: readonly string[]): (setId: number) => StoredFlagSet {
  const known = new Map<number, StoredFlagSet>();
  return (setId) => {
    const before = known.get(setId);
    if (before) return before;
    const had = account.flagSet(setId).flags;
    const after = {
      add: () => [...new Set([...had, ...flags])].sort(),
      remove: () => had.filter((flag) => !flags.includes(flag)),
      replace: () => flags,
    }[update.mode]();
    const set = account.flagSets.intern(after);
    known.set(setId, set);
    return set;
  };
}

/** Which messages change, and to what. */
function plan(
  index: MessageIndex,
  update: FlagUpdate,
  setAfter: (setId: number) => StoredFlagSet,
): { readonly places: number[]; readonly sets: StoredFlagSet[]; readonly modified: number[] } {
  const places: number[] = [];
  const sets: StoredFlagSet[] = [];
  const modified: number[] = [];
  for (const at of index.places(update.uids)) {
    if (update.unchangedSince !== undefined && (index.modseqs[at] ?? 0) > update.unchangedSince) {
      modified.push(index.uids[at] ?? 0);
      continue;
    }
    const before = index.flagSetIds[at] ?? 0;
    const after = setAfter(before);
    if (after.id === before) continue;
    places.push(at);
    sets.push(after);
  }
  return { places, sets, modified };
}

function writeRows(
  account: AccountDatabase,
  mailbox: MailboxRow,
  rows: { readonly modseq: number; readonly uidsBySet: Map<number, number[]> },
): void {
  const statement = account.database.sql(
    'UPDATE message SET flag_set_id = ?, modseq = ? WHERE mailbox_id = ? AND uid IN (SELECT value FROM json_each(?))',
  );
  for (const [setId, uids] of rows.uidsBySet) statement.run(setId, rows.modseq, mailbox.id, uidsToJson(Uint32Array.from(uids)));
}

/** Changes flags of messages; those that have them already, or changed after `unchangedSince`, stay as they are. */
export function updateFlags(account: AccountDatabase, mailboxId: string, update: FlagUpdate): FlagUpdateResult | undefined {
  const mailbox = account.mailboxes.get(parseId('M', mailboxId));
  if (!mailbox) return undefined;
  const { flags, refused } = account.flagSets.canonical(update.flags);
  const index = account.index(mailbox.id);
  const { places, sets, modified } = plan(index, update, transitions(account, update, flags));
  const outcome = { modified: Uint32Array.from(modified), ...(refused.length > 0 ? { refused } : {}) };
  if (places.length === 0) {
    return { uids: new Uint32Array(0), modseqs: new Float64Array(0), flagSetIds: new Uint32Array(0), flagSets: [], ...outcome };
  }
  const change = account.startChange();
  const uidsBySet = new Map<number, number[]>();
  for (const [i, at] of places.entries()) {
    const before = account.flagSet(index.flagSetIds[at] ?? 0);
    const after = sets[i] ?? before;
    if (before.seen !== after.seen) mailbox.unseen += after.seen ? -1 : 1;
    if (before.deleted !== after.deleted) mailbox.deleted += after.deleted ? 1 : -1;
    index.flagSetIds[at] = after.id;
    index.modseqs[at] = change.modseq;
    const group = uidsBySet.get(after.id);
    if (group) group.push(index.uids[at] ?? 0);
    else uidsBySet.set(after.id, [index.uids[at] ?? 0]);
  }
  writeRows(account, mailbox, { modseq: change.modseq, uidsBySet });
  mailbox.highestModseq = change.modseq;
  mailbox.dirty = true;
  if (account.watched) change.flags(mailbox.id, index.statesAt(places));
  account.finishChange(change);
  const { uids, modseqs, flagSetIds } = index.statesAt(places);
  return { uids, modseqs, flagSetIds, flagSets: account.flagSets.among(uidsBySet.keys()), ...outcome };
}
