import { closeSync, openSync, readSync } from 'node:fs';
import { emptyBytes } from '@mox/runtime';
import type { BlobRange } from '../blob.ts';
import type { AccountDatabase } from './account-database.ts';
import { longestRange, parseId } from './blob-table.ts';
import { toStoreError } from './faults.ts';

/** Bytes of a file from `start` to `end`; fewer where it is shorter, undefined where it is gone. */
function readFileRange(path: string, start: number, end: number): Uint8Array | undefined {
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

/** Rows of ranges `[blob, start, end]`, in their order. Whole blobs are taken as they are: `substr` would copy them. */
const rangesText = `SELECT b.id, b.file, CASE
    WHEN b.file IS NOT NULL THEN NULL
    WHEN r.value ->> 1 = 0 AND r.value ->> 2 >= b.size_bytes THEN b.bytes
    ELSE substr(b.bytes, 1 + (r.value ->> 1), (r.value ->> 2) - (r.value ->> 1)) END
  FROM json_each(?) r LEFT JOIN blob b ON b.id = r.value ->> 0`;

/** A range as numbers that SQLite takes, none of them negative. */
function toRow({ blobId, start, end }: BlobRange): readonly [id: number, start: number, end: number] {
  const from = Math.min(Math.max(0, start), longestRange);
  return [parseId('B', blobId), from, Math.min(Math.max(from, end), longestRange)];
}

type RangeRow = [id: number | null, file: number | null, bytes: Uint8Array | null];

/**
 * Several ranges as one array of bytes: what travels between threads is one buffer, however many there are. They are read by one
 * run of a statement, since each run costs more than a blob of usual size.
 */
export function readRanges(
  account: AccountDatabase,
  ranges: readonly BlobRange[],
): { readonly bytes: Uint8Array; readonly lengths: Int32Array } {
  const rows = account.database.sql<RangeRow>(rangesText).all(JSON.stringify(ranges.map(toRow)));
  const parts = rows.map(([id, file, bytes], i) => {
    if (id === null) return undefined;
    if (file === null) return bytes ?? emptyBytes;
    const { start, end } = ranges[i] ?? { start: 0, end: 0 };
    return readFileRange(account.blobs.path(file), Math.max(0, start), end);
  });
  const lengths = Int32Array.from(parts, (part) => part?.length ?? -1);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0));
  let at = 0;
  for (const part of parts) {
    if (!part) continue;
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, lengths };
}
