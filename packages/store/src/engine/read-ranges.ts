import { closeSync, openSync, readSync } from 'node:fs';
import { concatBytes, emptyBytes } from '@mox/runtime';
import type { BlobRange } from '../blob.ts';
import { StoreError } from '../store.ts';
import type { AccountDatabase } from './account-database.ts';
import { longestRange, parseId } from './blob-table.ts';
import { toStoreError } from './faults.ts';

/** Bytes of a file from `start` to `end`; fewer where it is shorter, undefined where it is gone. */
export function readFileRange(path: string, start: number, end: number): Uint8Array | undefined {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw toStoreError(error);
  }
  try {
    const bytes = new Uint8Array(Math.max(0, end - start));
    return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, start));
  } catch (error) {
    throw toStoreError(error);
  } finally {
    closeSync(handle);
  }
}

/**
 * Bytes of ranges one behind the other, put together inside SQLite: rows of blobs cost twice as much. With them a JSON array of
 * the length of each: -1 where there is no such blob, -2 where it is a file. SQLite takes the bytes for text, and leaves them as they are.
 */
function statementText(row: { readonly source: string; readonly length: string; readonly bytes: string }): string {
  return `SELECT '[' || group_concat(CASE WHEN b.id IS NULL THEN -1 WHEN b.file IS NOT NULL THEN -2 ELSE ${row.length} END) || ']',
    CAST(group_concat(CASE WHEN b.file IS NULL THEN ${row.bytes} END, '') AS BLOB)
    FROM json_each(?) r LEFT JOIN blob b ON b.id = ${row.source}`;
}

/** Ranges `[blob, start, end]`. */
const rangesText = statementText({
  source: 'r.value ->> 0',
  length: 'max(0, min(length(b.bytes), r.value ->> 2) - (r.value ->> 1))',
  bytes: 'substr(b.bytes, 1 + (r.value ->> 1), (r.value ->> 2) - (r.value ->> 1))',
});

/** Ranges from the start, members `"blob": end` of an object: of whole blobs, mostly, which `substr` would copy. Half the cost. */
const startsText = statementText({
  source: 'r.key',
  length: 'min(length(b.bytes), r.value)',
  bytes: 'CASE WHEN length(b.bytes) <= r.value THEN b.bytes ELSE substr(b.bytes, 1, r.value) END',
});

/** A range as numbers that SQLite takes, none of them negative. */
type RangeRow = readonly [id: number, start: number, end: number];

function toRow({ blobId, start, end }: BlobRange): RangeRow {
  const from = Math.min(Math.max(0, start), longestRange);
  return [parseId('B', blobId), from, Math.min(Math.max(from, end), longestRange)];
}

function select(account: AccountDatabase, rows: readonly RangeRow[]): { readonly bytes: Uint8Array; readonly lengths: readonly number[] } {
  const starts = rows.every(([, start]) => start === 0);
  const query = starts ? `{${rows.map(([id, , end]) => `"${id}":${end}`).join()}}` : JSON.stringify(rows);
  const found = account.database.sql<[string | null, Uint8Array | null]>(starts ? startsText : rangesText).get(query);
  const lengths = JSON.parse(found?.[0] ?? '[]') as number[];
  const bytes = found?.[1] ?? emptyBytes;
  if (lengths.length !== rows.length || bytes.length !== lengths.reduce((sum, length) => sum + Math.max(0, length), 0))
    throw new StoreError('damaged', 'bytes of messages cannot be read');
  return { bytes, lengths };
}

/** Several ranges as one array of bytes, read by one run of a statement: what travels between threads is one buffer, however many there are. */
export function readRanges(
  account: AccountDatabase,
  ranges: readonly BlobRange[],
): { readonly bytes: Uint8Array; readonly lengths: Int32Array } {
  const rows = ranges.map(toRow);
  const { bytes, lengths } = select(account, rows);
  return lengths.includes(inFile) ? withFiles(account, rows, { bytes, lengths }) : { bytes, lengths: Int32Array.from(lengths) };
}

const inFile = -2;

/** What was read of rows, and between them what is read of files. */
function withFiles(
  account: AccountDatabase,
  rows: readonly RangeRow[],
  { bytes, lengths }: { readonly bytes: Uint8Array; readonly lengths: readonly number[] },
): { readonly bytes: Uint8Array; readonly lengths: Int32Array } {
  const fileOf = account.database.sql<[number]>('SELECT file FROM blob WHERE id = ?');
  let at = 0;
  const parts = rows.map(([id, start, end], i) => {
    const length = lengths[i] ?? 0;
    if (length === inFile) return readFileRange(account.blobs.path(fileOf.get(id)?.[0] ?? 0), start, end);
    if (length < 0) return undefined;
    at += length;
    return bytes.subarray(at - length, at);
  });
  const all = concatBytes([emptyBytes, ...parts.filter((part) => part !== undefined)]);
  return { bytes: all, lengths: Int32Array.from(parts, (part) => part?.length ?? -1) };
}
