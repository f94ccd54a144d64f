import { keepFields } from '../kept-fields.ts';
import type { AccountDatabase } from './account-database.ts';
import { readFileRange } from './read-ranges.ts';
import { headBytes } from './structure.ts';

const emailsAtOnce = 100;

type Row = [id: number, start: number, end: number, file: number | null, bytes: Uint8Array | null];

const selectOlder = `SELECT id, start, min(end, start + ${headBytes}), file, CASE WHEN file IS NULL THEN substr(bytes, 1 + start, min(end - start, ${headBytes})) END
  FROM (SELECT e.id, b.file, b.bytes, CASE WHEN json_valid(e.part) THEN coalesce(e.part ->> 0, 0) ELSE 0 END start,
    CASE WHEN json_valid(e.part) THEN coalesce(e.part ->> 1, 0) ELSE 0 END end
    FROM email e JOIN blob b ON b.id = e.id WHERE e.id <= ? ORDER BY e.id DESC LIMIT ${emailsAtOnce})`;

/** Keeps the fields of some emails that came before there was a place for them, the newest first. */
export function keepOlderFields(account: AccountDatabase): void {
  const { database, blobs } = account;
  const rows = database.sql<Row>(selectOlder).all(account.unkeptTo);
  for (const [id, start, end, file, inRow] of rows) {
    const bytes = file === null ? inRow : readFileRange(blobs.path(file), start, end);
    const fields = bytes && bytes.length === end - start ? keepFields({ bytes, start: 0, end: bytes.length }) : undefined;
    if (fields) database.sql('INSERT OR IGNORE INTO kept_fields VALUES (?, ?, ?)').run(id, Number(fields.plain), fields.bytes);
  }
  account.unkeptTo = rows.length < emailsAtOnce ? 0 : (rows.at(-1)?.[0] ?? 1) - 1;
}
