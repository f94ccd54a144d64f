import { type FileHandle, open } from 'node:fs/promises';
import { toStoreError } from '../engine/faults.ts';
import type { BlobContent } from '../wire.ts';

const pieceBytes = 128 * 1024;

/** The bytes of a range of a blob, of which content in memory is all, in pieces of bounded size. Undefined where its file is gone. */
export async function readContent(
  content: BlobContent,
  range: { readonly start?: number; readonly end?: number } = {},
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const start = Math.max(0, range.start ?? 0);
  const end = range.end ?? Number.MAX_SAFE_INTEGER;
  if ('bytes' in content) return onePiece(content.bytes);
  try {
    return pieces(await open(content.path, 'r'), start, end);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw toStoreError(error);
  }
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** Reads the file; closes it however the reading ends, also where it never begins. */
function pieces(file: FileHandle, start: number, end: number): AsyncIterable<Uint8Array> {
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (let at = start; at < end; ) {
        const piece = new Uint8Array(Math.min(pieceBytes, end - at));
        const { bytesRead } = await file.read(piece, 0, piece.length, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
    } catch (error) {
      throw toStoreError(error);
    } finally {
      await file.close();
    }
  }
  return read();
}
