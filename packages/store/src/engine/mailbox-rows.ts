import type { MailboxRole } from '../mailbox.ts';
import type { SqliteDatabase } from './sqlite.ts';

/** A mailbox's row, kept in memory; written back at commit where `dirty`. */
export interface MailboxRow {
  readonly id: number;
  parentId: number | null;
  path: string;
  role: MailboxRole | null;
  readonly uidValidity: number;
  uidNext: number;
  highestModseq: number;
  messages: number;
  unseen: number;
  deleted: number;
  sizeBytes: number;
  dirty: boolean;
}

type Columns = [
  id: number,
  parentId: number | null,
  path: string,
  role: MailboxRole | null,
  uidValidity: number,
  uidNext: number,
  highestModseq: number,
  messages: number,
  unseen: number,
  deleted: number,
  sizeBytes: number,
];

const selectMailboxes =
  'SELECT id, parent_id, path, role, uid_validity, uid_next, highest_modseq, messages, unseen, deleted, size_bytes FROM mailbox ORDER BY id';
const updateMailbox = `UPDATE mailbox SET parent_id = ?, path = ?, role = ?, uid_next = ?, highest_modseq = ?, messages = ?, unseen = ?,
  deleted = ?, size_bytes = ? WHERE id = ?`;

function toRow(columns: Columns): MailboxRow {
  const [id, parentId, path, role, uidValidity, uidNext, highestModseq, messages, unseen, deleted, sizeBytes] = columns;
  return { id, parentId, path, role, uidValidity, uidNext, highestModseq, messages, unseen, deleted, sizeBytes, dirty: false };
}

/** Reads all mailboxes. */
export function readMailboxRows(database: SqliteDatabase): MailboxRow[] {
  return database.sql<Columns>(selectMailboxes).all().map(toRow);
}

/** Writes a mailbox back. */
export function writeMailboxRow(database: SqliteDatabase, row: MailboxRow): void {
  const { parentId, path, role, uidNext, highestModseq, messages, unseen, deleted, sizeBytes } = row;
  database.sql(updateMailbox).run(parentId, path, role, uidNext, highestModseq, messages, unseen, deleted, sizeBytes, row.id);
  row.dirty = false;
}
