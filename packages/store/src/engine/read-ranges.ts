import { closeSync, openSync, readSync } from 'node:fs';
import type { BlobRange } from '../blob.ts';
import type { AccountDatabase } from './account-database.ts';
import { parseId } from './blob-table.ts';
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

function readRange(account: AccountDatabase, { blobId, start, end }: BlobRange): Uint8Array | undefined {
  const content = account.blobs.read(parseId('B', blobId), { start, end });
  if (!content || 'bytes' in content) return content?.bytes;
  return readFileRange(content.path, Math.max(0, start), end);
}

/** Several ranges as one array of bytes: what travels between threads is one buffer, however many there are. */
export function readRanges(
  account: AccountDatabase,
  ranges: readonly BlobRange[],
): { readonly bytes: Uint8Array; readonly lengths: Int32Array } {
  const parts = ranges.map((range) => readRange(account, range));
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
