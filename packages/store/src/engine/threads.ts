import { hash } from 'node:crypto';
import type { SqliteDatabase } from './sqlite.ts';

/**
 * What two messages must share to be in one thread (RFC 8621 §3): a message id, and the base subject.
 * A key is a hash of both. Of many message ids the first ones and the last ones are looked at.
 */
export function threadKeys(facts: { readonly messageIds: readonly string[]; readonly subject: string }, limit: number): string[] {
  const { messageIds, subject } = facts;
  const ids = new Set([...messageIds.slice(0, 3), ...messageIds.slice(-limit)]);
  return Array.from(ids, (id) => hash('sha256', `${id}\0${subject}`, 'base64url').slice(0, 16));
}

/** The thread of a message with these keys; its own where it shares none. The keys lead to that thread from then on. */
export function joinThread(database: SqliteDatabase, keys: readonly string[], emailId: number): number {
  let threadId: number | undefined;
  const fresh: string[] = [];
  for (const key of keys) {
    const known = database.sql<[number]>('SELECT thread_id FROM thread_key WHERE key = ?').get(key)?.[0];
    if (known === undefined) fresh.push(key);
    else if (threadId === undefined || known < threadId) threadId = known;
  }
  const joined = threadId ?? emailId;
  for (const key of fresh) database.sql('INSERT INTO thread_key VALUES (?, ?)').run(key, joined);
  return joined;
}

/** Forgets the keys of threads that have no email left. */
export function dropEmptyThreads(database: SqliteDatabase): void {
  database.sql('DELETE FROM thread_key WHERE thread_id NOT IN (SELECT thread_id FROM email)').run();
}
