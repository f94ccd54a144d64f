import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AccountChange } from '../change.ts';
import type { StoreLimits } from '../limits.ts';
import type { Mailbox } from '../mailbox.ts';
import { StoreError } from '../store.ts';
import { accountSchema } from './account-schema.ts';
import { BlobTable } from './blob-table.ts';
import { ChangeBuilder } from './change-builder.ts';
import { FlagSets, type StoredFlagSet } from './flag-sets.ts';
import { type MailboxRow, readMailboxRows, writeMailboxRow } from './mailbox-rows.ts';
import { MessageIndex } from './message-index.ts';
import { openDatabase, syncFolder } from './open-database.ts';
import type { SqliteDatabase } from './sqlite.ts';

/** Flag sets beyond which those that no message has are dropped when the account is opened. */
const manyFlagSets = 1000;

/** How a worker opens an account. */
export interface AccountSettings {
  readonly folder: string;
  readonly readOnly: boolean;
  readonly limits: StoreLimits;
}

/** One account's database with what is kept of it in memory: the same as what is in the file, between transactions. `AccountUnit` opens it. */
export class AccountDatabase {
  readonly name: string;
  readonly limits: StoreLimits;
  readonly folder: string;
  readonly database: SqliteDatabase;
  readonly blobs: BlobTable;
  holds = 0;
  /** Whether anybody wants to hear of changes. */
  watched = false;
  modseq = 0;
  /** Tombstones at or before this modseq were dropped. */
  historyFrom = 0;
  mailboxes: Map<number, MailboxRow> = new Map();
  flagSets: FlagSets;
  /** Changes of the transaction under way or just committed; who posts them takes them out. */
  changes: AccountChange[] = [];
  readonly #readOnly: boolean;
  readonly #byPath = new Map<string, MailboxRow>();
  readonly #indexes = new Map<number, MessageIndex>();
  readonly #subscriptions = new Set<string>();
  /** Whether emails may wait for `collectLoose`. */
  hasLoose = true;
  /** Tombstones made since they were last counted; at first there may be any number. */
  newTombstones: number = Number.MAX_SAFE_INTEGER;
  /** Emails with this number or a lower one came before their fields were kept. */
  unkeptTo = 0;
  /** Emails removed since threads were last swept. */
  removedEmails = 0;
  #uidValidity = 0;
  #lastEmailId = 0;
  #stored = new Map<string, number>();
  #dataVersion = -1;

  constructor(name: string, settings: AccountSettings) {
    this.name = name;
    this.limits = settings.limits;
    this.folder = settings.folder;
    this.#readOnly = settings.readOnly;
    this.database = openDatabase(join(settings.folder, 'account.db'), { schema: accountSchema, readOnly: settings.readOnly });
    try {
      this.blobs = new BlobTable(this.database, join(settings.folder, 'blobs'));
      this.flagSets = new FlagSets(this.database, this.limits);
      if (!settings.readOnly) this.#prepare();
      this.#load();
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  /** Sweeps what a crash left. */
  #prepare(): void {
    this.begin();
    this.blobs.sweep();
    this.#load();
    const sets = this.database.sql<[number]>('SELECT count(*) FROM flag_set').get()?.[0] ?? 0;
    if (sets > manyFlagSets) this.database.sql('DELETE FROM flag_set WHERE id NOT IN (SELECT flag_set_id FROM message)').run();
    this.commit();
    this.changes = [];
  }

  #load(): void {
    this.#stored = new Map(this.database.sql<[string, number]>('SELECT name, value FROM counter').all());
    this.modseq = this.#stored.get('modseq') ?? 0;
    this.#uidValidity = this.#stored.get('uid-validity') ?? 0;
    this.#lastEmailId = this.#stored.get('email') ?? 0;
    this.historyFrom = this.#stored.get('history-from') ?? 0;
    this.unkeptTo = this.#stored.get('unkept-to') ?? 0;
    this.mailboxes = new Map();
    this.#byPath.clear();
    this.#indexes.clear();
    this.flagSets = new FlagSets(this.database, this.limits);
    this.changes = [];
    for (const row of readMailboxRows(this.database)) this.enterMailbox(row);
    this.#subscriptions.clear();
    for (const [path] of this.database.sql<[string]>('SELECT path FROM subscription').all()) this.#subscriptions.add(path);
  }

  begin(): void {
    this.database.sql('BEGIN IMMEDIATE').run();
  }

  commit(): void {
    for (const row of this.mailboxes.values()) if (row.dirty) writeMailboxRow(this.database, row);
    this.#writeCounter('modseq', this.modseq);
    this.#writeCounter('uid-validity', this.#uidValidity);
    this.#writeCounter('email', this.#lastEmailId);
    this.#writeCounter('history-from', this.historyFrom);
    this.#writeCounter('unkept-to', this.unkeptTo);
    this.blobs.syncFolders();
    this.database.sql('COMMIT').run();
  }

  rollback(): void {
    try {
      this.database.sql('ROLLBACK').run();
    } catch {
      // SQLite rolls back by itself after some faults; then there is nothing to undo.
    }
    this.#load();
  }

  /** Reads with one view of the database, whatever others commit meanwhile, and with what is in memory the same. */
  readAsOne(read: () => void): void {
    this.database.sql('BEGIN').run();
    try {
      this.#load();
      read();
    } finally {
      this.database.sql('COMMIT').run();
    }
  }

  refresh(): void {
    if (!this.#readOnly) return;
    const version = this.database.sql<[number]>('PRAGMA data_version').get()?.[0] ?? 0;
    if (version !== this.#dataVersion) this.#load();
    this.#dataVersion = version;
  }

  close(): void {
    this.database.close();
  }

  /** Deletes all there is of the account, after `close`. */
  removeFolder(): void {
    rmSync(this.folder, { recursive: true, force: true });
    syncFolder(dirname(this.folder));
  }

  #writeCounter(name: string, value: number): void {
    if (this.#stored.get(name) === value) return;
    this.database.sql('UPDATE counter SET value = ? WHERE name = ?').run(value, name);
    this.#stored.set(name, value);
  }

  /** Starts a change: the next modseq is its own. Finish it by `finishChange`. */
  startChange(): ChangeBuilder {
    return new ChangeBuilder(++this.modseq);
  }

  /** Keeps a change to be told after the commit. */
  finishChange(change: ChangeBuilder): void {
    const made = this.flagSets.takeNew();
    if (this.watched) this.changes.push(change.build(made));
  }

  /** A uidvalidity never used before in this account (RFC 9051 §2.3.1.1): the time in seconds, or the next number. */
  nextUidValidity(): number {
    this.#uidValidity = Math.max(this.#uidValidity + 1, Math.floor(Date.now() / 1000));
    return this.#uidValidity;
  }

  noteLoose(): void {
    this.hasLoose = true;
  }

  noteTombstones(count: number): void {
    this.hasLoose = true;
    this.newTombstones += count;
  }

  nextEmailId(): number {
    return ++this.#lastEmailId;
  }

  enterMailbox(row: MailboxRow): void {
    this.mailboxes.set(row.id, row);
    this.#byPath.set(row.path, row);
  }

  /** Gives a mailbox another path. */
  movePath(row: MailboxRow, path: string): void {
    this.#byPath.delete(row.path);
    row.path = path;
    row.dirty = true;
    this.#byPath.set(path, row);
  }

  dropMailbox(row: MailboxRow): void {
    this.mailboxes.delete(row.id);
    this.#byPath.delete(row.path);
    this.#indexes.delete(row.id);
  }

  mailboxByPath(path: string): MailboxRow | undefined {
    return this.#byPath.get(path);
  }

  /** Subscribed paths; change them by `setSubscribed` alone. */
  get subscriptions(): ReadonlySet<string> {
    return this.#subscriptions;
  }

  setSubscribed(path: string, subscribed: boolean): void {
    if (subscribed) {
      this.database.sql('INSERT OR IGNORE INTO subscription VALUES (?)').run(path);
      this.#subscriptions.add(path);
    } else {
      this.database.sql('DELETE FROM subscription WHERE path = ?').run(path);
      this.#subscriptions.delete(path);
    }
  }

  /** The mailbox as callers see it. */
  describe(row: MailboxRow): Mailbox {
    const { uidValidity, uidNext, highestModseq, messages, unseen, deleted, sizeBytes, path } = row;
    return {
      id: `M${row.id}`,
      ...(row.parentId === null ? {} : { parentId: `M${row.parentId}` }),
      path,
      ...(row.role === null ? {} : { role: row.role }),
      subscribed: this.#subscriptions.has(path),
      uidValidity,
      uidNext,
      highestModseq,
      messages,
      unseen,
      deleted,
      sizeBytes,
    };
  }

  /** Counts messages of a flag set in (`sign` 1) or out (-1) of a mailbox. */
  count(row: MailboxRow, set: StoredFlagSet, change: { readonly sign: 1 | -1; readonly sizeBytes: number }): void {
    row.messages += change.sign;
    row.sizeBytes += change.sign * change.sizeBytes;
    if (!set.seen) row.unseen += change.sign;
    if (set.deleted) row.deleted += change.sign;
    row.dirty = true;
  }

  flagSet(id: number): StoredFlagSet {
    const set = this.flagSets.get(id);
    if (!set) throw new StoreError('damaged', `flag set ${id} of account ${this.name} is missing`);
    return set;
  }

  /** The index of a mailbox, read where it is not in memory. Those used last stay, up to the limit. */
  index(mailboxId: number): MessageIndex {
    const index = this.#indexes.get(mailboxId) ?? MessageIndex.read(this.database, mailboxId);
    this.#indexes.delete(mailboxId);
    this.#indexes.set(mailboxId, index);
    this.#boundIndexes();
    return index;
  }

  /** The index of a mailbox if it is in memory. */
  loadedIndex(mailboxId: number): MessageIndex | undefined {
    return this.#indexes.get(mailboxId);
  }

  #boundIndexes(): void {
    let total = 0;
    for (const [id, index] of [...this.#indexes].reverse()) {
      if (total > 0 && total + index.length > this.limits.indexedMessages) this.#indexes.delete(id);
      else total += index.length;
    }
  }
}
