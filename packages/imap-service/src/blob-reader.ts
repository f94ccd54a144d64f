import { type Account, type BlobRange, StoreError } from '@mox/store';
import type { ByteRange } from './part-path.ts';

/** Bytes up to which a section is read at once, not streamed. */
export const wholeBytes = 65_536;
/** Bytes read in one go. */
const batchBytes = 1_048_576;

type Bytes = Uint8Array | undefined;

/** Short ranges that are read together. */
class RangeBatch {
  readonly #ranges: BlobRange[] = [];
  readonly #waiting: { resolve(bytes: Bytes): void; reject(error: unknown): void }[] = [];
  #bytes = 0;

  get full(): boolean {
    return this.#bytes >= batchBytes;
  }

  add(range: BlobRange): Promise<Bytes> {
    this.#ranges.push(range);
    this.#bytes += range.end - range.start;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  async read(account: Account): Promise<void> {
    try {
      const read = await account.readRanges(this.#ranges);
      for (const [i, { resolve }] of this.#waiting.entries()) resolve(read[i]);
    } catch (error) {
      for (const { reject } of this.#waiting) reject(error);
    }
  }
}

const collecting = new WeakMap<Account, RangeBatch>();

/** Ranges asked for in one turn of the event loop travel together. */
function collect(account: Account, range: BlobRange): Promise<Bytes> {
  let batch = collecting.get(account);
  if (!batch || batch.full) {
    const fresh = new RangeBatch();
    batch = fresh;
    collecting.set(account, fresh);
    queueMicrotask(() => {
      if (collecting.get(account) === fresh) collecting.delete(account);
      void fresh.read(account);
    });
  }
  return batch.add(range);
}

/** Reads a short range at once. Undefined where the blob is gone. Throws `StoreError` where bytes are missing. */
export async function readRange(account: Account, blobId: string, { start, end }: ByteRange): Promise<Bytes> {
  const bytes = await collect(account, { blobId, start, end });
  if (bytes && bytes.length !== end - start) throw new StoreError('damaged', 'a message is shorter than it was when it was stored');
  return bytes;
}

/** Reads a range piece by piece. Throws `StoreError` where the blob is gone. */
export async function streamRange(account: Account, blobId: string, range: ByteRange): Promise<AsyncIterable<Uint8Array>> {
  const pieces = await account.readBlob(blobId, range);
  if (!pieces) throw new StoreError('damaged', 'a message is gone although it is not expunged');
  return pieces;
}
