import { existsSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type BlobTable, hashBytes } from './blob-table.ts';
import type { SqliteDatabase } from './sqlite.ts';

function checkFile(path: string, sizeBytes: number): string | undefined {
  if (!existsSync(path)) return `its file ${path} is missing`;
  const { size } = statSync(path);
  return size === sizeBytes ? undefined : `its file ${path} has ${size} bytes instead of ${sizeBytes}`;
}

function checkRow(database: SqliteDatabase, id: number, sizeBytes: number): string | undefined {
  const row = database.sql<[bytes: Uint8Array | null, sha256: Uint8Array]>('SELECT bytes, sha256 FROM blob WHERE id = ?').get(id);
  if (!row) return undefined;
  // Node 22 stores no bytes as NULL.
  const bytes = row[0] ?? new Uint8Array(0);
  if (bytes.length !== sizeBytes) return `${bytes.length} bytes instead of ${sizeBytes}`;
  return Buffer.from(hashBytes(bytes)).equals(row[1]) ? undefined : 'its content is not what was stored';
}

function findProblems(database: SqliteDatabase, blobs: BlobTable): string[] {
  const rows = database.sql<[id: number, sizeBytes: number, file: number | null]>('SELECT id, size_bytes, file FROM blob').all();
  const damaged = rows.flatMap(([id, sizeBytes, file]) => {
    const problem = file === null ? checkRow(database, id, sizeBytes) : checkFile(blobs.path(file), sizeBytes);
    return problem === undefined ? [] : [`blob B${id}: ${problem}`];
  });
  const isKnown = (file: number): boolean =>
    database.sql('SELECT 1 FROM blob WHERE file = ? UNION ALL SELECT 1 FROM loose_file WHERE file = ?').get(file, file) !== undefined;
  const strays = blobs.files().filter((file) => !isKnown(file));
  return [...damaged, ...strays.map((file) => `file ${blobs.path(file)} belongs to no blob`)];
}

/** How long a blob may be between its file and its row, or the other way round, without being damaged. */
const settlingMs = 1500;

/**
 * What is wrong with the blobs of a database: files missing, of another size or of no row, bytes that do not hash to what they should.
 * Blobs come and go meanwhile: what is wrong must still be so a little later.
 */
export async function checkBlobs(database: SqliteDatabase, blobs: BlobTable): Promise<string[]> {
  const first = findProblems(database, blobs);
  if (first.length === 0) return [];
  await setTimeout(settlingMs);
  const second = new Set(findProblems(database, blobs));
  return first.filter((problem) => second.has(problem));
}
