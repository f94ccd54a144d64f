import { concatBytes } from '@mox/runtime';
import { type Account, StoreError } from '@mox/store';
import type { ByteRange } from './part-path.ts';

/** Bytes up to which a section is read at once, not streamed. */
export const wholeBytes = 65_536;

/** Reads a range at once. Undefined where the blob is gone. Throws `StoreError` where bytes are missing. */
export async function readRange(account: Account, blobId: string, range: ByteRange): Promise<Uint8Array | undefined> {
  const pieces = await account.readBlob(blobId, range);
  if (!pieces) return undefined;
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  const bytes = concatBytes(all);
  if (bytes.length !== range.end - range.start) throw new StoreError('damaged', 'a message is shorter than it was when it was stored');
  return bytes;
}

/** Reads a range piece by piece. Throws `StoreError` where the blob is gone. */
export async function streamRange(account: Account, blobId: string, range: ByteRange): Promise<AsyncIterable<Uint8Array>> {
  const pieces = await account.readBlob(blobId, range);
  if (!pieces) throw new StoreError('damaged', 'a message is gone although it is not expunged');
  return pieces;
}
