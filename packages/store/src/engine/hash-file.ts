import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { toStoreError } from './faults.ts';

/** SHA-256 of a file, read in pieces; each piece is handed to `each` too. */
export async function hashFile(path: string, each?: (bytes: Uint8Array) => void): Promise<Uint8Array> {
  try {
    const hash = createHash('sha256');
    for await (const bytes of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      hash.update(bytes);
      each?.(bytes);
    }
    return hash.digest();
  } catch (error) {
    throw toStoreError(error);
  }
}
