import type { Decision } from '../decision.ts';
import type { GlobalDatabase } from './global-database.ts';

const lookBackEvery = 200;
const keyLength = 320;
const recipientsAtMost = 100;

/** What a decision is found by, in lower case. */
function decisionKeys(decision: Decision): Set<string> {
  const { id, queueId, message, envelope, session } = decision;
  const texts = [id, queueId, message?.messageId, message?.from, envelope?.sender, session.remoteAddress];
  texts.push(...(envelope?.recipients ?? []).slice(0, recipientsAtMost), session.login?.account);
  return new Set(texts.flatMap((text) => (text ? [decisionKey(text)] : [])));
}

function decisionKey(text: string): string {
  return text.trim().replace(/^<|>$/g, '').toLowerCase().slice(0, keyLength);
}

/** Keeps a decision, and what it is found by. Now and then the oldest ones go. */
export function recordDecision(global: GlobalDatabase, decision: Decision): void {
  const { database } = global;
  const id =
    database.sql<[number]>('INSERT INTO decision VALUES (NULL, ?, ?) RETURNING id').get(decision.at, JSON.stringify(decision))?.[0] ?? 0;
  for (const key of decisionKeys(decision)) database.sql('INSERT OR IGNORE INTO decision_key VALUES (?, ?)').run(key, id);
  if (++global.newDecisions >= lookBackEvery) dropOldDecisions(global, decision.at);
}

function dropOldDecisions(global: GlobalDatabase, now: number): void {
  const { database, limits } = global;
  global.newDecisions = 0;
  const tooOld = database.sql<[number | null]>('SELECT max(id) FROM decision WHERE at < ?').get(now - limits.decisionAgeMs)?.[0] ?? 0;
  const tooMany = (database.sql<[number | null]>('SELECT max(id) FROM decision').get()?.[0] ?? 0) - limits.decisions;
  const upTo = Math.max(tooOld, tooMany);
  database.sql('DELETE FROM decision_key WHERE decision_id <= ?').run(upTo);
  database.sql('DELETE FROM decision WHERE id <= ?').run(upTo);
}

/** Decisions with a key, or all; newest first. */
export function findDecisions(
  global: GlobalDatabase,
  query: { readonly text?: string; readonly since?: number; readonly limit?: number },
): readonly Decision[] {
  const { text, since = 0, limit = 100 } = query;
  const rows =
    text === undefined
      ? global.database.sql<[string]>('SELECT decision FROM decision WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?').all(since, limit)
      : global.database
          .sql<[string]>(
            `SELECT decision FROM decision WHERE id IN (SELECT decision_id FROM decision_key WHERE key = ?) AND at >= ?
             ORDER BY at DESC, id DESC LIMIT ?`,
          )
          .all(decisionKey(text), since, limit);
  return rows.map(([decision]) => JSON.parse(decision) as Decision);
}
