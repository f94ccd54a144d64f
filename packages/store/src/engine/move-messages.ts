import type { WireMoved } from '../wire.ts';
import type { AccountDatabase } from './account-database.ts';
import { parseId } from './blob-table.ts';
import type { ChangeBuilder } from './change-builder.ts';
import type { MailboxRow } from './mailbox-rows.ts';
import { type MessageIndex, uidsToJson } from './message-index.ts';

/** Places of messages in the index of their mailbox. */
interface Selection {
  readonly mailbox: MailboxRow;
  readonly index: MessageIndex;
  readonly places: readonly number[];
  readonly uids: Uint32Array<ArrayBuffer>;
}

function select(account: AccountDatabase, mailbox: MailboxRow, uids: Uint32Array): Selection {
  const index = account.index(mailbox.id);
  const places = index.places(uids);
  return { mailbox, index, places, uids: Uint32Array.from(places, (at) => index.uids[at] ?? 0) };
}

/** New messages of the same emails in another mailbox, or in the same; uids in the same order. */
function copySelected(
  account: AccountDatabase,
  change: ChangeBuilder,
  copy: { readonly selection: Selection; readonly to: MailboxRow; readonly now: number },
): Uint32Array<ArrayBuffer> {
  const { selection, to, now } = copy;
  const { index, places, mailbox } = selection;
  const firstUid = to.uidNext;
  account.database
    .sql(
      `INSERT INTO message SELECT ?, ? + row_number() OVER (ORDER BY uid) - 1, ?, ?, flag_set_id, size_bytes, email_id, ?
       FROM message WHERE mailbox_id = ? AND uid IN (SELECT value FROM json_each(?))`,
    )
    .run(to.id, firstUid, change.modseq, change.modseq, now, mailbox.id, uidsToJson(selection.uids));
  const toIndex = account.loadedIndex(to.id);
  for (const place of places) {
    const sizeBytes = index.sizes[place] ?? 0;
    const flagSetId = index.flagSetIds[place] ?? 0;
    const uid = to.uidNext++;
    account.count(to, account.flagSet(flagSetId), { sign: 1, sizeBytes });
    toIndex?.append({ uid, modseq: change.modseq, createdModseq: change.modseq, flagSetId, sizeBytes });
    change.added(to.id, { uid, flagSetId, sizeBytes });
  }
  to.highestModseq = change.modseq;
  to.dirty = true;
  return Uint32Array.from(places, (_, i) => firstUid + i);
}

/** Takes messages out and leaves tombstones (RFC 7162 §5.3). */
function removeSelected(account: AccountDatabase, change: ChangeBuilder, selection: Selection): void {
  const { mailbox, index, places, uids } = selection;
  const { database } = account;
  const json = uidsToJson(uids);
  const those = 'FROM message WHERE mailbox_id = ? AND uid IN (SELECT value FROM json_each(?))';
  database.sql(`INSERT OR IGNORE INTO loose_email SELECT email_id ${those}`).run(mailbox.id, json);
  database.sql(`INSERT INTO tombstone SELECT ?, mailbox_id, uid, created_modseq ${those}`).run(change.modseq, mailbox.id, json);
  database.sql(`DELETE ${those}`).run(mailbox.id, json);
  for (const place of places) {
    const set = account.flagSet(index.flagSetIds[place] ?? 0);
    account.count(mailbox, set, { sign: -1, sizeBytes: index.sizes[place] ?? 0 });
  }
  index.remove(places);
  mailbox.highestModseq = change.modseq;
  mailbox.dirty = true;
  account.noteTombstones(places.length);
  change.expunged(mailbox.id, uids);
}

/** Removes messages; gives the uids removed. */
export function expunge(account: AccountDatabase, mailboxId: string, uids: Uint32Array): Uint32Array {
  const mailbox = account.mailboxes.get(parseId('M', mailboxId));
  if (!mailbox) return new Uint32Array(0);
  const selection = select(account, mailbox, uids);
  if (selection.places.length === 0) return selection.uids;
  const change = account.startChange();
  removeSelected(account, change, selection);
  account.finishChange(change);
  return selection.uids.slice();
}

/** Copies messages, and removes the originals where asked for; all in one change. */
export function copyMessages(
  account: AccountDatabase,
  copy: { readonly from: string; readonly uids: Uint32Array; readonly to: string; readonly now: number; readonly remove: boolean },
): WireMoved | undefined {
  const from = account.mailboxes.get(parseId('M', copy.from));
  const to = account.mailboxes.get(parseId('M', copy.to));
  if (!from || !to) return undefined;
  const selection = select(account, from, copy.uids);
  if (selection.places.length === 0) return { fromUids: new Uint32Array(0), toUids: new Uint32Array(0), modseq: account.modseq };
  const change = account.startChange();
  const toUids = copySelected(account, change, { selection, to, now: copy.now });
  if (copy.remove) removeSelected(account, change, selection);
  account.finishChange(change);
  return { fromUids: selection.uids.slice(), toUids, modseq: change.modseq };
}

/** Moves every message of a mailbox: part of a change that its caller finishes. */
export function moveAll(
  account: AccountDatabase,
  change: ChangeBuilder,
  move: { readonly from: MailboxRow; readonly to: MailboxRow; readonly now: number },
): void {
  const index = account.index(move.from.id);
  const selection = select(account, move.from, index.uids.slice(0, index.length));
  if (selection.places.length === 0) return;
  copySelected(account, change, { selection, to: move.to, now: move.now });
  removeSelected(account, change, selection);
}

/** Removes the messages of a mailbox that is being deleted: it needs no tombstones, the mailbox's own is enough. */
export function removeAllMessages(account: AccountDatabase, mailbox: MailboxRow): void {
  const { database } = account;
  database.sql('INSERT OR IGNORE INTO loose_email SELECT email_id FROM message WHERE mailbox_id = ?').run(mailbox.id);
  database.sql('DELETE FROM message WHERE mailbox_id = ?').run(mailbox.id);
  database.sql('DELETE FROM tombstone WHERE mailbox_id = ?').run(mailbox.id);
  account.noteLoose();
}
