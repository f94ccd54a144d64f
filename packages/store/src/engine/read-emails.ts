import type { Decision } from '../decision.ts';
import type { MailboxIndex } from '../message.ts';
import type { EmailColumns, EmailTexts } from '../wire.ts';
import type { AccountDatabase } from './account-database.ts';
import { parseId } from './blob-table.ts';
import { uidsToJson } from './message-index.ts';

const columnTexts: Readonly<Record<keyof EmailColumns, string>> = {
  envelope: 'e.envelope',
  structure: 'e.part',
  receivedAt: 'e.received_at',
  savedAt: 'm.saved_at',
  thread: 'e.thread_id',
  preview: 'json_quote(e.preview)',
  decision: "coalesce(d.decision, 'null')",
};

const columnNames = Object.keys(columnTexts) as (keyof EmailColumns)[];

/** The statement for some columns. The whole answer is one text, put together inside SQLite: the cheapest thing to hand to another thread. */
function statementText(columns: EmailColumns): string {
  const chosen = columnNames.filter((name) => columns[name]).map((name) => columnTexts[name]);
  const row = ['m.uid', 'm.email_id', 'm.size_bytes', ...chosen].join(" || ',' || ");
  return `SELECT '[' || coalesce(group_concat('[' || ${row} || ']'), '') || ']'
    FROM json_each(?) u CROSS JOIN message m ON m.mailbox_id = ? AND m.uid = u.value CROSS JOIN email e ON e.id = m.email_id
    ${columns.decision ? 'LEFT JOIN email_decision d ON d.email_id = m.email_id' : ''}`;
}

const statementTexts = new Map<string, string>();

/** Uids of one run of the statement. */
const stepUids = 400;
/** Characters of one answer, about: enough that the way between the threads does not count, little enough to be held twice. */
const answerLength = 524_288;

/**
 * Emails of messages as JSON arrays of arrays: uid, number of the email and its blob, size, then the columns asked for,
 * in the order of `EmailColumns`. Ordered as the uids are, of which as many are read as make a large answer.
 */
export function readEmails(
  account: AccountDatabase,
  mailboxId: string,
  args: { readonly uids: Uint32Array; readonly columns: EmailColumns },
): EmailTexts {
  const key = columnNames.map((name) => (args.columns[name] ? '1' : '0')).join('');
  const statement = statementTexts.get(key) ?? statementText(args.columns);
  statementTexts.set(key, statement);
  const mailbox = parseId('M', mailboxId);
  const texts: string[] = [];
  let read = 0;
  for (let length = 0; read < args.uids.length && length < answerLength; read += stepUids) {
    const uids = uidsToJson(args.uids.subarray(read, read + stepUids));
    const text = account.database.sql<[string]>(statement).get(uids, mailbox)?.[0] ?? '[]';
    length += text.length;
    texts.push(text);
  }
  return { texts, read: Math.min(read, args.uids.length) };
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
