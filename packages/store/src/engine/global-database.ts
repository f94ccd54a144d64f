import { join } from 'node:path';
import type { StoreLimits } from '../limits.ts';
import { BlobTable, blobSchema } from './blob-table.ts';
import { openDatabase, type Schema } from './open-database.ts';
import type { SqliteDatabase } from './sqlite.ts';
import type { Unit } from './unit.ts';

const version1 = `
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  quota_bytes INTEGER,
  enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  credentials TEXT NOT NULL
);
CREATE TABLE address (address TEXT PRIMARY KEY, account_id TEXT NOT NULL, place INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX address_account ON address (account_id, place);
-- Accounts out of the directory whose folder is still there.
CREATE TABLE removed_account (id TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counter VALUES ('blob', 0);

CREATE TABLE queued (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sender TEXT NOT NULL,
  recipients TEXT NOT NULL,
  blob_id INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  queued_at INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  last_problem TEXT,
  parameters TEXT NOT NULL
);
CREATE INDEX queued_due ON queued (next_attempt_at, id);
CREATE INDEX queued_blob ON queued (blob_id);

CREATE TABLE decision (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, decision TEXT NOT NULL);
CREATE INDEX decision_at ON decision (at);
CREATE TABLE decision_key (key TEXT NOT NULL, decision_id INTEGER NOT NULL, PRIMARY KEY (key, decision_id)) WITHOUT ROWID;
CREATE INDEX decision_key_decision ON decision_key (decision_id);
${blobSchema}`;

const globalSchema: Schema = { applicationId: 0x6d6f7867, migrations: [version1] };

/** The database that all accounts share: directory, queue, decisions. */
export class GlobalDatabase implements Unit {
  readonly name: string = '';
  readonly limits: StoreLimits;
  readonly database: SqliteDatabase;
  readonly blobs: BlobTable;
  holds = 1;
  untidy = true;
  /** Decisions recorded since the last look at their bounds. */
  newDecisions = 0;

  constructor(settings: { readonly directory: string; readonly readOnly: boolean; readonly limits: StoreLimits }) {
    this.limits = settings.limits;
    this.database = openDatabase(join(settings.directory, 'global.db'), { schema: globalSchema, readOnly: settings.readOnly });
    this.blobs = new BlobTable(this.database, join(settings.directory, 'queue'));
    if (settings.readOnly) return;
    this.begin();
    this.blobs.sweep();
    this.commit();
  }

  /** A number for a blob of the queue, never used before. */
  nextBlobId(): number {
    return this.database.sql<[number]>("UPDATE counter SET value = value + 1 WHERE name = 'blob' RETURNING value").get()?.[0] ?? 0;
  }

  begin(): void {
    this.database.sql('BEGIN IMMEDIATE').run();
  }

  commit(): void {
    this.blobs.syncFolders();
    this.database.sql('COMMIT').run();
  }

  rollback(): void {
    try {
      this.database.sql('ROLLBACK').run();
    } catch {
      // SQLite rolls back by itself after some faults; then there is nothing to undo.
    }
  }

  refresh(): void {}

  tidy(): void {
    const unlinked = this.blobs.unlinkLoose();
    this.blobs.forgetLoose(unlinked);
    this.untidy = unlinked.length > 0;
  }

  close(): void {
    this.database.close();
  }
}
