import type { AccountDatabase } from './account-database.ts';
import type * as KeepOlderFields from './keep-older-fields.ts';
import { dropEmptyThreads } from './threads.ts';

const emailsAtOnce = 500;
/** Finding threads without an email reads all threads: it is done once for so many emails. */
const emailsPerThreadSweep = 5000;

/** Deletes some of the emails whose last message is gone; the next call unlinks the files that this leaves. */
export function collectLoose(account: AccountDatabase): void {
  const { database, blobs } = account;
  const unlinked = blobs.unlinkLoose();
  blobs.forgetLoose(unlinked);
  const loose = database.sql<[number]>('SELECT email_id FROM loose_email LIMIT ?').all(emailsAtOnce);
  for (const [id] of loose) {
    database.sql('DELETE FROM loose_email WHERE email_id = ?').run(id);
    if (!database.sql('SELECT 1 FROM message WHERE email_id = ? LIMIT 1').get(id)) removeEmail(account, id);
  }
  account.hasLoose = loose.length > 0;
}

function removeEmail(account: AccountDatabase, id: number): void {
  const { database, blobs } = account;
  database.sql('DELETE FROM email WHERE id = ?').run(id);
  database.sql('DELETE FROM email_decision WHERE email_id = ?').run(id);
  database.sql('DELETE FROM kept_fields WHERE email_id = ?').run(id);
  blobs.remove(id);
  account.removedEmails++;
}

/** Drops the oldest tombstones and mailbox events beyond the bound; how far back history reaches is kept. */
export function pruneTombstones(account: AccountDatabase): void {
  const { database, limits } = account;
  const keep = limits.tombstonesPerAccount;
  account.newTombstones = 0;
  for (const table of ['tombstone', 'mailbox_event']) {
    const cut = database.sql<[number]>(`SELECT modseq FROM ${table} ORDER BY modseq DESC LIMIT 1 OFFSET ?`).get(keep)?.[0];
    if (cut !== undefined) account.historyFrom = Math.max(account.historyFrom, cut);
  }
  for (const table of ['tombstone', 'mailbox_event']) database.sql(`DELETE FROM ${table} WHERE modseq <= ?`).run(account.historyFrom);
}

// It needs the formats' packages, which a worker loads when there is a use for them.
let keeping: typeof KeepOlderFields | undefined;

async function loadKeeping(): Promise<void> {
  keeping = await import('./keep-older-fields.ts');
}

/** Whether there is housekeeping to do. */
export function needsHousekeeping(account: AccountDatabase): boolean {
  return account.hasLoose || account.unkeptTo > 0 || account.newTombstones > account.limits.tombstonesPerAccount / 4;
}

/** One helping of housekeeping, within a transaction. */
export function keepHouse(account: AccountDatabase): void {
  if (account.hasLoose) collectLoose(account);
  if (account.unkeptTo > 0) {
    if (keeping) keeping.keepOlderFields(account);
    else void loadKeeping();
  }
  if (account.removedEmails >= emailsPerThreadSweep) {
    account.removedEmails = 0;
    dropEmptyThreads(account.database);
  }
  if (account.newTombstones > account.limits.tombstonesPerAccount / 4) pruneTombstones(account);
}
