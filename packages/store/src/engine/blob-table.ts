import { hash } from 'node:crypto';
import { closeSync, copyFileSync, existsSync, fsyncSync, linkSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StoreError } from '../store.ts';
import type { BlobContent, BlobSource } from '../wire.ts';
import { toStoreError } from './faults.ts';
import { makeFolder, syncFolder } from './open-database.ts';
import type { SqliteDatabase } from './sqlite.ts';

/** Tables of blobs: part of every schema that has some. */
export const blobSchema = `
CREATE TABLE blob (
  id INTEGER PRIMARY KEY,
  size_bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  file INTEGER,
  bytes BLOB
);
CREATE UNIQUE INDEX blob_file ON blob (file) WHERE file IS NOT NULL;
-- Files whose blob is gone, and that are to be unlinked.
CREATE TABLE loose_file (file INTEGER PRIMARY KEY);
CREATE TABLE blob_counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO blob_counter VALUES ('swept-to', 1);
`;

/** A blob ready to be entered: durable where it is a file. */
export interface PreparedBlob {
  readonly sizeBytes: number;
  readonly sha256: Uint8Array;
  /** Its bytes, or the number of its file. */
  readonly content: { readonly bytes: Uint8Array } | { readonly file: number };
}

const filesPerFolder = 1000;
/** No blob in a row is longer. */
export const longestRange = 0x4000_0000;

/** Blobs of one database: small ones are rows, large ones files in a folder beside it. */
export class BlobTable {
  readonly #database: SqliteDatabase;
  readonly #folder: string;
  #nextFile = 1;
  /** Folders with files whose names may not be durable yet. */
  readonly #unsynced = new Set<string>();

  constructor(database: SqliteDatabase, folder: string) {
    this.#database = database;
    this.#folder = folder;
  }

  /** Path of a file by its number. */
  path(file: number): string {
    return join(this.#folder, String(Math.floor(file / filesPerFolder)), String(file));
  }

  /**
   * Clears away what a crash left behind: files linked whose rows were never committed, and files whose rows are gone.
   * Only folders that may hold such files are read: those at or behind the mark that the last sweep left.
   */
  sweep(): void {
    for (const [file] of this.#database.sql<[number]>('SELECT file FROM loose_file').all()) unlinkIfThere(this.path(file));
    this.#database.sql('DELETE FROM loose_file').run();
    const sweptTo = this.#database.sql<[number]>("SELECT value FROM blob_counter WHERE name = 'swept-to'").get()?.[0] ?? 1;
    let highest = Math.max(
      sweptTo - 1,
      this.#database.sql<[number | null]>('SELECT max(file) FROM blob WHERE file IS NOT NULL').get()?.[0] ?? 0,
    );
    for (const file of this.#filesFrom(sweptTo)) {
      if (this.#database.sql('SELECT 1 FROM blob WHERE file = ?').get(file)) highest = Math.max(highest, file);
      else unlinkIfThere(this.path(file));
    }
    this.#nextFile = highest + 1;
    if (this.#nextFile !== sweptTo) this.#database.sql("UPDATE blob_counter SET value = ? WHERE name = 'swept-to'").run(this.#nextFile);
  }

  /** Numbers of the files on disk at or behind a mark. */
  #filesFrom(mark: number): number[] {
    if (!existsSync(this.#folder)) return [];
    const folders = readdirSync(this.#folder).filter((name) => Number(name) >= Math.floor(mark / filesPerFolder));
    return folders.flatMap((name) => readdirSync(join(this.#folder, name)).map(Number)).filter((file) => file >= mark);
  }

  /** Takes a file in under a number of its own, as a second link or as a copy; durable after the next `syncFolders`. */
  takeFile(path: string): number {
    const file = this.#nextFile++;
    const target = this.path(file);
    makeFolder(dirname(target));
    try {
      linkSync(path, target);
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOSPC') throw toStoreError(error);
      copyDurably(path, target);
    }
    this.#unsynced.add(dirname(target));
    return file;
  }

  /** Makes the files taken in durable: to be called before the commit of the rows that name them. One wait serves them all. */
  syncFolders(): void {
    for (const folder of this.#unsynced) syncFolder(folder);
    this.#unsynced.clear();
  }

  /** Gives back a file that was taken in and not entered. */
  dropFile(file: number): void {
    unlinkIfThere(this.path(file));
  }

  /** Enters a blob under a number never used before. */
  insert(blob: PreparedBlob, id: number): void {
    const { content } = blob;
    const [file, bytes] = 'file' in content ? [content.file, null] : [null, content.bytes];
    this.#database
      .sql('INSERT INTO blob (id, size_bytes, sha256, file, bytes) VALUES (?, ?, ?, ?, ?)')
      .run(id, blob.sizeBytes, blob.sha256, file, bytes);
  }

  /** The bytes of a blob, or of a range of it; or the path of its file. */
  read(id: number, range: { readonly start?: number; readonly end?: number } = {}): BlobContent | undefined {
    const start = Math.max(0, range.start ?? 0);
    const length = Math.max(0, (range.end ?? longestRange) - start);
    const row = this.#database
      .sql<[file: number | null, bytes: Uint8Array | null]>('SELECT file, substr(bytes, ?, ?) FROM blob WHERE id = ?')
      .get(Math.min(start, longestRange) + 1, Math.min(length, longestRange), id);
    if (!row) return undefined;
    const [file, bytes] = row;
    return file === null ? { bytes: bytes ?? new Uint8Array(0) } : { path: this.path(file) };
  }

  /** Takes a blob out. The file, where it is one, goes after the commit: call `unlinkLoose` then. */
  remove(id: number): void {
    this.#database.sql('INSERT INTO loose_file SELECT file FROM blob WHERE id = ? AND file IS NOT NULL').run(id);
    this.#database.sql('DELETE FROM blob WHERE id = ?').run(id);
  }

  /** Unlinks files whose blob is gone, and gives their numbers for `forgetLoose`. */
  unlinkLoose(): number[] {
    const files = this.#database
      .sql<[number]>('SELECT file FROM loose_file')
      .all()
      .map(([file]) => file);
    for (const file of files) unlinkIfThere(this.path(file));
    return files;
  }

  forgetLoose(files: readonly number[]): void {
    for (const file of files) this.#database.sql('DELETE FROM loose_file WHERE file = ?').run(file);
  }

  /** Numbers of all files on disk. */
  files(): number[] {
    return this.#filesFrom(0);
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw toStoreError(error);
  }
}

function copyDurably(from: string, to: string): void {
  try {
    copyFileSync(from, to);
    const handle = openSync(to, 'r+');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw toStoreError(error);
  }
}

/** SHA-256 of some bytes: what a blob's row keeps to find damage by. */
export function hashBytes(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

/** Size of a blob on its way in. */
export function sourceSize(source: BlobSource): number {
  return 'bytes' in source ? source.bytes.length : source.sizeBytes;
}

/** The number in an id such as `M12`, or -1 where it is no such id: no row has that number. */
export function parseId(letter: 'M' | 'E' | 'B' | 'T' | 'Q', id: string): number {
  if (id[0] !== letter || !/^[1-9][0-9]{0,14}$/.test(id.slice(1))) return -1;
  return Number(id.slice(1));
}

/** Refuses a write to a store that was opened for reading. */
export function refuseWrite(): never {
  throw new StoreError('read-only', 'the store is open for reading only');
}
