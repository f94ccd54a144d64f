import { emptyBytes } from '@mox/runtime';
import type { Decision } from '../decision.ts';
import type { MailboxIndex } from '../message.ts';
import type { EmailBatches, EmailColumns, EmailRows } from '../wire.ts';
import type { AccountDatabase } from './account-database.ts';
import { parseId } from './blob-table.ts';
import { uidsToJson } from './message-index.ts';
import type { SqlValue } from './sqlite.ts';

/** Columns that travel as JSON arrays, and what stands in them. */
const valueTexts: Readonly<Record<Exclude<keyof EmailColumns, 'envelope' | 'structure'>, string>> = {
  keptFields: 'coalesce(length(k.fields), -1)',
  receivedAt: 'e.received_at',
  savedAt: 'm.saved_at',
  thread: 'e.thread_id',
  preview: 'json_quote(e.preview)',
  decision: "coalesce(d.decision, 'null')",
};

/** Columns that are JSON already, and that travel as bytes. */
const packedTexts: Readonly<Record<'envelope' | 'structure', string>> = { envelope: 'e.envelope', structure: 'e.part' };

function chosenOf<Name extends keyof EmailColumns>(texts: Readonly<Record<Name, string>>, columns: EmailColumns): readonly string[] {
  return (Object.keys(texts) as Name[]).filter((name) => columns[name]).map((name) => texts[name]);
}

/** Uids in a JSON array, or all from one to another: that is the faster by a third. */
const uidSources = {
  listed: 'json_each(?) u CROSS JOIN message m ON m.mailbox_id = ? AND m.uid = u.value',
  between: '(SELECT * FROM message WHERE uid BETWEEN ? AND ? AND mailbox_id = ? ORDER BY uid) m',
} as const;

/** The statement for some columns. It puts each of them together inside SQLite: few large values are the cheapest to hand to another thread. */
function statementText(columns: EmailColumns, source: keyof typeof uidSources): string {
  const values = ['m.uid', 'm.email_id', 'm.size_bytes', ...chosenOf(valueTexts, columns)];
  const arrays = values.map((text) => `'[' || coalesce(group_concat(${text}), '') || ']'`);
  const packed = chosenOf(packedTexts, columns).map((text) => `CAST(group_concat(${text}, char(10)) AS BLOB)`);
  const needsEmail = [...values, ...packed].some((text) => /\be\./.test(text));
  // SQLite takes the bytes for text, and leaves them as they are.
  if (columns.keptFields) packed.push("CAST(group_concat(k.fields, '') AS BLOB)");
  return `SELECT ${[...arrays, ...packed].join(', ')}
    FROM ${uidSources[source]} ${needsEmail ? 'CROSS JOIN email e ON e.id = m.email_id' : ''}
    ${columns.keptFields ? 'LEFT JOIN kept_fields k ON k.email_id = m.email_id' : ''}
    ${columns.decision ? 'LEFT JOIN email_decision d ON d.email_id = m.email_id' : ''}`;
}

const statementTexts = new Map<string, string>();

function statementFor(columns: EmailColumns, source: keyof typeof uidSources): string {
  const key = `${source} ${Object.values(columns).join()}`;
  const statement = statementTexts.get(key) ?? statementText(columns, source);
  statementTexts.set(key, statement);
  return statement;
}

/** Uids of one run of the statement. */
const stepUids = 400;
/** Bytes of one answer, about: enough that the way between the threads does not count, little enough to be held twice. */
const answerBytes = 524_288;

function readStep(account: AccountDatabase, mailbox: number, { uids, columns }: EmailQuery): EmailRows {
  const [from = 0, to = 0] = [uids[0], uids.at(-1)];
  const run = account.loadedIndex(mailbox)?.isRun(uids) === true;
  const statement = account.database.sql<SqlValue[]>(statementFor(columns, run ? 'between' : 'listed'));
  const row = (run ? statement.get(from, to, mailbox) : statement.get(uidsToJson(uids), mailbox)) ?? [];
  const values = row.filter((value) => typeof value === 'string');
  return { values, packed: row.slice(values.length).map((value) => (value instanceof Uint8Array ? value : emptyBytes)) };
}

function sizeOf({ values, packed }: EmailRows): number {
  return values.reduce((sum, text) => sum + text.length, 0) + packed.reduce((sum, bytes) => sum + bytes.length, 0);
}

interface EmailQuery {
  /** Ascending. */
  readonly uids: Uint32Array;
  readonly columns: EmailColumns;
}

/** Emails of messages, ordered as the uids are, of which as many are read as make a large answer. */
export function readEmails(account: AccountDatabase, mailboxId: string, { uids, columns }: EmailQuery): EmailBatches {
  const mailbox = parseId('M', mailboxId);
  const batches: EmailRows[] = [];
  let read = 0;
  for (let bytes = 0; read < uids.length && bytes < answerBytes; read += stepUids) {
    const rows = readStep(account, mailbox, { uids: uids.subarray(read, read + stepUids), columns });
    bytes += sizeOf(rows);
    batches.push(rows);
  }
  return { batches, read: Math.min(read, uids.length) };
}

/** Everything a session needs to number a mailbox's messages. */
export function openMailbox(account: AccountDatabase, id: string): MailboxIndex | undefined {
  const row = account.mailboxes.get(parseId('M', id));
  if (!row) return undefined;
  const states = account.index(row.id).states();
  return { mailbox: account.describe(row), ...states, flagSets: account.flagSets.among(states.flagSetIds) };
}

/** The decision kept with an email. */
export function readDecision(account: AccountDatabase, emailId: string): Decision | undefined {
  const row = account.database.sql<[string]>('SELECT decision FROM email_decision WHERE email_id = ?').get(parseId('E', emailId));
  return row && (JSON.parse(row[0]) as Decision);
}

/** What all mailboxes hold together. */
export function readUsage(account: AccountDatabase): { readonly messages: number; readonly sizeBytes: number } {
  let messages = 0;
  let sizeBytes = 0;
  for (const row of account.mailboxes.values()) {
    messages += row.messages;
    sizeBytes += row.sizeBytes;
  }
  return { messages, sizeBytes };
}
