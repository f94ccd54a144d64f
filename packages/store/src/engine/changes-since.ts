import type { AccountChange, Changes, MailboxChange } from '../change.ts';
import type { AccountDatabase } from './account-database.ts';
import { parseId } from './blob-table.ts';
import type { MailboxRow } from './mailbox-rows.ts';

type MailboxEvent = AccountChange['mailboxes'][number];
type EventRow = [mailboxId: number, kind: MailboxEvent['kind'], path: string, oldPath: string | null];

/** What changed in the messages of one mailbox, or undefined where nothing did. */
function messageChanges(
  account: AccountDatabase,
  row: MailboxRow,
  { modseq, briefly }: { readonly modseq: number; readonly briefly: boolean },
): MailboxChange | undefined {
  if (row.highestModseq <= modseq) return undefined;
  const index = account.index(row.id);
  const added: number[] = [];
  const changed: number[] = [];
  for (let at = 0; at < index.length; at++) {
    if ((index.modseqs[at] ?? 0) <= modseq) continue;
    if ((index.createdModseqs[at] ?? 0) > modseq) added.push(at);
    else changed.push(at);
  }
  const gone = account.database
    .sql<[number]>('SELECT uid FROM tombstone WHERE modseq > ? AND mailbox_id = ? AND created_modseq <= ? ORDER BY uid')
    .all(modseq, row.id, briefly ? Number.MAX_SAFE_INTEGER : modseq);
  if (added.length + changed.length + gone.length === 0) return undefined;
  return {
    mailboxId: `M${row.id}`,
    ...(added.length > 0 ? { added: index.statesAt(added) } : {}),
    ...(changed.length > 0 ? { flags: index.statesAt(changed) } : {}),
    ...(gone.length > 0 ? { expunged: Uint32Array.from(gone, ([uid]) => uid) } : {}),
  };
}

/** Merges what happened to one mailbox, given in order. Undefined for one that was made and deleted within. */
function mergeEvents(mailboxId: number, events: readonly EventRow[]): MailboxEvent | undefined {
  const first = events[0];
  const last = events.at(-1);
  if (!first || !last) return undefined;
  const [, lastKind, lastPath] = last;
  const isNew = first[1] === 'created';
  const id = `M${mailboxId}`;
  if (lastKind === 'deleted') return isNew ? undefined : { id, kind: 'deleted', path: oldestPath(events) };
  if (isNew) return { id, kind: 'created', path: lastPath };
  const oldPath = oldestPath(events);
  return { id, kind: 'updated', path: lastPath, ...(oldPath === lastPath ? {} : { oldPath }) };
}

/** The path before the first of the events. */
function oldestPath(events: readonly EventRow[]): string {
  const first = events[0];
  return first?.[3] ?? first?.[2] ?? '';
}

function mailboxChanges(account: AccountDatabase, modseq: number, only: number | undefined): MailboxEvent[] {
  const rows = account.database
    .sql<EventRow>('SELECT mailbox_id, kind, path, old_path FROM mailbox_event WHERE modseq > ? ORDER BY modseq')
    .all(modseq);
  const byMailbox = new Map<number, EventRow[]>();
  for (const row of rows) {
    if (only !== undefined && row[0] !== only) continue;
    const events = byMailbox.get(row[0]);
    if (events) events.push(row);
    else byMailbox.set(row[0], [row]);
  }
  return [...byMailbox].flatMap(([id, events]) => mergeEvents(id, events) ?? []);
}

/** Everything after a modseq, merged; with `briefly` also the going of what came after it. */
export function changesSince(account: AccountDatabase, modseq: number, mailboxId: string | undefined, briefly: boolean): Changes {
  const only = mailboxId === undefined ? undefined : parseId('M', mailboxId);
  const rows = only === undefined ? [...account.mailboxes.values()] : [account.mailboxes.get(only)];
  const messages = rows.flatMap((row) => (row && messageChanges(account, row, { modseq, briefly })) ?? []);
  const setIds = messages.flatMap(({ added, flags }) => [...(added?.flagSetIds ?? []), ...(flags?.flagSetIds ?? [])]);
  return {
    from: modseq,
    to: account.modseq,
    complete: modseq >= account.historyFrom && modseq <= account.modseq,
    messages,
    mailboxes: mailboxChanges(account, modseq, only),
    flagSets: account.flagSets.among(setIds),
  };
}
