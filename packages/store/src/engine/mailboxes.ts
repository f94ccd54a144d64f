import type { MailboxResult } from '../account.ts';
import type { Mailbox, MailboxProblem, MailboxRole } from '../mailbox.ts';
import type { AccountDatabase } from './account-database.ts';
import { parseId } from './blob-table.ts';
import type { ChangeBuilder } from './change-builder.ts';
import type { MailboxRow } from './mailbox-rows.ts';
import { moveAll, removeAllMessages } from './move-messages.ts';

/** Mailboxes of a new account and their roles (RFC 6154 §2). */
const standardMailboxes: readonly (readonly [path: string, role: MailboxRole])[] = [
  ['INBOX', 'inbox'],
  ['Drafts', 'drafts'],
  ['Sent', 'sent'],
  ['Archive', 'archive'],
  ['Trash', 'trash'],
  ['Junk', 'junk'],
];

const nameBytes = 255;
const pathDepth = 50;

/** Gives a new account its mailboxes, subscribed. Part of the transaction that makes the account. */
export function createStandardMailboxes(account: AccountDatabase): void {
  const change = account.startChange();
  for (const [path, role] of standardMailboxes) {
    insertMailbox(account, change, { path, role, parentId: null });
    account.setSubscribed(path, true);
  }
  account.finishChange(change);
}

/** A path as it is stored, or undefined where it cannot be one. `INBOX` is put in upper case at the root (RFC 9051 §5.1). */
export function canonicalPath(path: string): string | undefined {
  const names = path.normalize('NFC').split('/');
  if (names.length > pathDepth || !names.every(isName)) return undefined;
  if (names[0]?.toUpperCase() === 'INBOX') names[0] = 'INBOX';
  return names.join('/');
}

function isName(name: string): boolean {
  // Controls and line separators would move the cursor of whatever shows them (RFC 5198 §2).
  return (
    name !== '' && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name) && name.isWellFormed() && Buffer.byteLength(name) <= nameBytes
  );
}

function insertMailbox(
  account: AccountDatabase,
  change: ChangeBuilder,
  mailbox: { readonly path: string; readonly role: MailboxRole | null; readonly parentId: number | null },
): MailboxRow {
  const { path, role, parentId } = mailbox;
  const uidValidity = account.nextUidValidity();
  const id =
    account.database
      .sql<[number]>('INSERT INTO mailbox VALUES (NULL, ?, ?, ?, ?, 1, ?, 0, 0, 0, 0) RETURNING id')
      .get(parentId, path, role, uidValidity, change.modseq)?.[0] ?? 0;
  const row: MailboxRow = {
    ...{ id, parentId, path, role, uidValidity, uidNext: 1, highestModseq: change.modseq },
    ...{ messages: 0, unseen: 0, deleted: 0, sizeBytes: 0, dirty: false },
  };
  account.enterMailbox(row);
  logMailbox(account, change, { row, kind: 'created' });
  return row;
}

/** Tells and keeps what happened to a mailbox. */
function logMailbox(
  account: AccountDatabase,
  change: ChangeBuilder,
  event: { readonly row: MailboxRow; readonly kind: 'created' | 'updated' | 'deleted'; readonly oldPath?: string },
): void {
  const { row, kind, oldPath } = event;
  row.highestModseq = change.modseq;
  row.dirty = true;
  change.mailbox({ id: `M${row.id}`, kind, path: row.path, ...(oldPath === undefined ? {} : { oldPath }) });
  account.database
    .sql('INSERT OR REPLACE INTO mailbox_event VALUES (?, ?, ?, ?, ?)')
    .run(change.modseq, row.id, kind, row.path, oldPath ?? null);
}

/** Makes the mailboxes above a path that are missing, and gives the id of the lowest. */
function createAbove(account: AccountDatabase, change: ChangeBuilder, path: string): number | null {
  const end = path.lastIndexOf('/');
  if (end < 0) return null;
  const above = path.slice(0, end);
  const known = account.mailboxByPath(above);
  if (known) return known.id;
  const parentId = createAbove(account, change, above);
  return insertMailbox(account, change, { path: above, role: null, parentId }).id;
}

function missingAbove(account: AccountDatabase, path: string): number {
  let missing = 0;
  for (let end = path.lastIndexOf('/'); end > 0 && !account.mailboxByPath(path.slice(0, end)); end = path.lastIndexOf('/', end - 1))
    missing++;
  return missing;
}

function problem(name: MailboxProblem): { readonly ok: false; readonly problem: MailboxProblem } {
  return { ok: false, problem: name };
}

/** All mailboxes, by path. */
export function listMailboxes(account: AccountDatabase): readonly Mailbox[] {
  return [...account.mailboxes.values()].map((row) => account.describe(row)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The mailbox of a path. */
export function findMailbox(account: AccountDatabase, path: string): Mailbox | undefined {
  const canonical = canonicalPath(path);
  const row = canonical === undefined ? undefined : account.mailboxByPath(canonical);
  return row && account.describe(row);
}

/** Makes a mailbox, and those above it that are missing. */
export function createMailbox(account: AccountDatabase, path: string, role: MailboxRole | undefined): MailboxResult {
  const canonical = canonicalPath(path);
  if (canonical === undefined) return problem('invalid-name');
  if (account.mailboxByPath(canonical)) return problem('name-taken');
  if (role !== undefined && roleTaken(account, role)) return problem('role-taken');
  if (account.mailboxes.size + missingAbove(account, canonical) >= account.limits.mailboxesPerAccount) return problem('too-many');
  const change = account.startChange();
  const parentId = createAbove(account, change, canonical);
  const row = insertMailbox(account, change, { path: canonical, role: role ?? null, parentId });
  account.finishChange(change);
  return { ok: true, mailbox: account.describe(row) };
}

/** Whether another mailbox has the role: RFC 8621 §2 wants at most one. */
function roleTaken(account: AccountDatabase, role: MailboxRole): boolean {
  for (const row of account.mailboxes.values()) if (row.role === role) return true;
  return false;
}

/** Gives a mailbox and those below it another path. Of INBOX the messages move instead (RFC 9051 §6.3.6). */
export function renameMailbox(account: AccountDatabase, id: string, args: { readonly path: string; readonly now: number }): MailboxResult {
  const row = account.mailboxes.get(parseId('M', id));
  if (!row) return problem('no-such-mailbox');
  const path = canonicalPath(args.path);
  if (path === undefined) return problem('invalid-name');
  if (account.mailboxByPath(path)) return problem('name-taken');
  const isInbox = row.role === 'inbox';
  if (!isInbox && path.startsWith(`${row.path}/`)) return problem('into-itself');
  const more = missingAbove(account, path) + (isInbox ? 1 : 0);
  if (account.mailboxes.size + more > account.limits.mailboxesPerAccount) return problem('too-many');
  const below = [...account.mailboxes.values()].filter((other) => other.path.startsWith(`${row.path}/`));
  const { length } = row.path; // taken now: the row's own path changes below
  const renamed = (other: MailboxRow): string => path + other.path.slice(length);
  if (!isInbox && below.some((other) => canonicalPath(renamed(other)) === undefined)) return problem('invalid-name');
  const change = account.startChange();
  const parentId = createAbove(account, change, path);
  const target = isInbox ? insertMailbox(account, change, { path, role: null, parentId }) : row;
  if (isInbox) {
    moveAll(account, change, { from: row, to: target, now: args.now });
  } else {
    row.parentId = parentId;
    for (const other of [row, ...below]) renameRow(account, change, { row: other, path: renamed(other) });
  }
  account.finishChange(change);
  return { ok: true, mailbox: account.describe(target) };
}

/** A subscription follows its mailbox; that of the old name stays too (RFC 9051 §6.3.7: none is removed unasked). */
function renameRow(account: AccountDatabase, change: ChangeBuilder, to: { readonly row: MailboxRow; readonly path: string }): void {
  const oldPath = to.row.path;
  if (account.subscriptions.has(oldPath)) account.setSubscribed(to.path, true);
  account.movePath(to.row, to.path);
  // The rows must not hold two mailboxes of one path, not even within a transaction.
  account.database.sql('UPDATE mailbox SET path = ? WHERE id = ?').run(to.path, to.row.id);
  logMailbox(account, change, { row: to.row, kind: 'updated', oldPath });
}

/** Deletes a mailbox with its messages; not INBOX, and none that has others below it. */
export function deleteMailbox(
  account: AccountDatabase,
  id: string,
): { readonly ok: true } | { readonly ok: false; readonly problem: MailboxProblem } {
  const row = account.mailboxes.get(parseId('M', id));
  if (!row) return problem('no-such-mailbox');
  if (row.role === 'inbox') return problem('is-inbox');
  for (const other of account.mailboxes.values()) if (other.parentId === row.id) return problem('has-children');
  const change = account.startChange();
  removeAllMessages(account, row);
  logMailbox(account, change, { row, kind: 'deleted' });
  account.database.sql('DELETE FROM mailbox WHERE id = ?').run(row.id);
  account.dropMailbox(row);
  account.finishChange(change);
  return { ok: true };
}

/** Subscribes to a path, or no longer; there need not be a mailbox (RFC 9051 §6.3.7). */
export function setSubscribed(account: AccountDatabase, path: string, subscribed: boolean): void {
  const canonical = canonicalPath(path);
  if (canonical === undefined || account.subscriptions.has(canonical) === subscribed) return;
  if (subscribed && account.subscriptions.size >= account.limits.mailboxesPerAccount * 2) return;
  account.setSubscribed(canonical, subscribed);
  const row = account.mailboxByPath(canonical);
  if (!row) return;
  const change = account.startChange();
  logMailbox(account, change, { row, kind: 'updated' });
  account.finishChange(change);
}
