import type { StoreProblem } from '../store.ts';
import type { AccountDatabase } from './account-database.ts';
import { checkBlobs } from './check-blobs.ts';
import type { MailboxRow } from './mailbox-rows.ts';
import type { SqliteDatabase } from './sqlite.ts';

const restore = 'Restore the account from a backup, or copy its readable messages to a new account.';
const recount = 'The mail is unharmed; restore the account from a backup, or move the messages to another mailbox and back.';

/** What SQLite itself finds wrong with a file. */
export function checkIntegrity(database: SqliteDatabase): string[] {
  return database
    .sql<[string]>('PRAGMA integrity_check(20)')
    .all()
    .map(([line]) => line)
    .filter((line) => line !== 'ok');
}

type Counts = [messages: number, unseen: number, deleted: number, sizeBytes: number, highestUid: number];

function checkCounts(account: AccountDatabase, row: MailboxRow): string | undefined {
  const counts: Counts = [0, 0, 0, 0, 0];
  const rows = account.database
    .sql<[uid: number, flagSetId: number, sizeBytes: number]>('SELECT uid, flag_set_id, size_bytes FROM message WHERE mailbox_id = ?')
    .all(row.id);
  for (const [uid, flagSetId, sizeBytes] of rows) {
    const set = account.flagSet(flagSetId);
    counts[0]++;
    if (!set.seen) counts[1]++;
    if (set.deleted) counts[2]++;
    counts[3] += sizeBytes;
    counts[4] = Math.max(counts[4], uid);
  }
  const kept = [row.messages, row.unseen, row.deleted, row.sizeBytes];
  if (kept.some((value, i) => value !== counts[i]))
    return `mailbox ${row.path} counts ${kept.join(', ')} where there are ${counts.slice(0, 4).join(', ')}`;
  if (counts[4] >= row.uidNext) return `mailbox ${row.path} has uid ${counts[4]} and would give uid ${row.uidNext} next`;
  return undefined;
}

const references: readonly (readonly [message: string, sql: string])[] = [
  ['messages without their email', 'SELECT count(*) FROM message m WHERE NOT EXISTS (SELECT 1 FROM email e WHERE e.id = m.email_id)'],
  ['emails without their blob', 'SELECT count(*) FROM email e WHERE NOT EXISTS (SELECT 1 FROM blob b WHERE b.id = e.id)'],
  ['messages of no mailbox', 'SELECT count(*) FROM message m WHERE NOT EXISTS (SELECT 1 FROM mailbox x WHERE x.id = m.mailbox_id)'],
  [
    'emails of no message that are not waiting for removal',
    `SELECT count(*) FROM email e WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.email_id = e.id)
     AND NOT EXISTS (SELECT 1 FROM loose_email l WHERE l.email_id = e.id)`,
  ],
  ['kept fields of no email', 'SELECT count(*) FROM kept_fields k WHERE NOT EXISTS (SELECT 1 FROM email e WHERE e.id = k.email_id)'],
  ['blobs of no email', 'SELECT count(*) FROM blob b WHERE NOT EXISTS (SELECT 1 FROM email e WHERE e.id = b.id)'],
];

function checkRows(account: AccountDatabase, found: (message: string, remedy: string) => void): void {
  for (const [what, sql] of references) {
    const count = account.database.sql<[number]>(sql).get()?.[0] ?? 0;
    if (count > 0) found(`${count} ${what}`, restore);
  }
  for (const row of account.mailboxes.values()) {
    const wrong = checkCounts(account, row);
    if (wrong) found(wrong, recount);
  }
}

/** Looks for damage in one account, which others may go on writing to. */
export async function checkAccount(account: AccountDatabase): Promise<readonly StoreProblem[]> {
  const problems: StoreProblem[] = [];
  const found = (message: string, remedy: string): void => void problems.push({ accountId: account.name, message, remedy });
  for (const line of checkIntegrity(account.database)) found(line, restore);
  account.readAsOne(() => checkRows(account, found));
  for (const wrong of await checkBlobs(account.database, account.blobs)) found(wrong, restore);
  return problems;
}
