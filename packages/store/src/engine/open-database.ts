import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../store.ts';
import { toStoreError } from './faults.ts';
import { SqliteDatabase } from './sqlite.ts';

/** A kind of database: what each version of its schema adds to the one before. */
export interface Schema {
  /** Marks the file as one of this kind (`PRAGMA application_id`). */
  readonly applicationId: number;
  readonly migrations: readonly string[];
}

/** Makes what a folder lists survive a power cut. */
export function syncFolder(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Makes a folder and those above it that are missing, durably. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const above = dirname(path);
  makeFolder(above);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  syncFolder(above);
}

function readPragma(database: SqliteDatabase, name: string): number {
  return database.sql<[value: number]>(`PRAGMA ${name}`).get()?.[0] ?? 0;
}

/** Brings a database to the newest version of its schema. The file as it was is kept beside it. */
function migrate(database: SqliteDatabase, path: string, schema: Schema): void {
  const version = readPragma(database, 'user_version');
  if (version > schema.migrations.length)
    throw new StoreError(
      'unsupported-version',
      `${path} has version ${version} of its schema; this program knows up to ${schema.migrations.length}`,
    );
  if (version === schema.migrations.length) return;
  const snapshot = `${path}.version-${version}`;
  if (version > 0 && !existsSync(snapshot)) {
    database.sql('VACUUM INTO ?').run(snapshot);
    syncFolder(dirname(path));
  }
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of schema.migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${schema.migrations.length}; PRAGMA application_id = ${schema.applicationId}; COMMIT`);
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function prepare(database: SqliteDatabase, path: string, options: { readonly schema: Schema; readonly readOnly: boolean }): void {
  const { schema, readOnly } = options;
  if (!readOnly)
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 67108864',
    );
  database.exec('PRAGMA cache_size = -2000; PRAGMA temp_store = MEMORY');
  const id = readPragma(database, 'application_id');
  if (id !== 0 && id !== schema.applicationId) throw new StoreError('damaged', `${path} is a database of something else`);
  if (!readOnly) migrate(database, path, schema);
  else if (readPragma(database, 'user_version') !== schema.migrations.length)
    throw new StoreError('unsupported-version', `${path} has another version of its schema than this program`);
}

/**
 * Opens a database file, makes it where it is missing, and brings its schema up to date.
 * Throws `StoreError`: `damaged`, `unsupported-version`, `disk-full`, `busy`, `io`.
 */
export function openDatabase(path: string, options: { readonly schema: Schema; readonly readOnly: boolean }): SqliteDatabase {
  try {
    const isNew = !existsSync(path);
    if (isNew && options.readOnly) throw new StoreError('io', `there is no ${path}`);
    if (isNew) makeFolder(dirname(path));
    const database = new SqliteDatabase(path, options);
    try {
      prepare(database, path, options);
      if (isNew) syncFolder(dirname(path));
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  } catch (error) {
    throw toStoreError(error);
  }
}
