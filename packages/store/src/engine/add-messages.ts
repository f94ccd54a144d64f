import type { AddedMessage } from '../message.ts';
import { packEnvelope, packPart } from '../packed-structure.ts';
import type { BlobSource, WireAdd } from '../wire.ts';
import type { AccountDatabase } from './account-database.ts';
import { hashBytes, type PreparedBlob, parseId, sourceSize } from './blob-table.ts';
import { hashFile } from './hash-file.ts';
import type { MailboxRow } from './mailbox-rows.ts';
import { type MessageFacts, MessageReader } from './structure.ts';
import { joinThread, threadKeys } from './threads.ts';
import type { WriteSoon } from './unit.ts';

/** A blob that is durable or in memory, and what was read out of it. */
interface PreparedEmail {
  readonly blob: PreparedBlob;
  readonly facts: MessageFacts;
  /** Texts of the columns, made once also where the transaction is tried again. */
  readonly envelope: string;
  readonly part: string;
}

type AddResult =
  | { readonly ok: true; readonly added: readonly AddedMessage[] }
  | { readonly ok: false; readonly problem: 'no-such-mailbox' | 'over-quota'; readonly index: number };

function toPrepared(blob: PreparedBlob, reader: MessageReader): PreparedEmail {
  const facts = reader.end();
  return { blob, facts, envelope: JSON.stringify(packEnvelope(facts.envelope)), part: JSON.stringify(packPart(facts.part)) };
}

function prepareBytes(bytes: Uint8Array): PreparedEmail {
  const reader = new MessageReader();
  reader.write(bytes);
  return toPrepared({ sizeBytes: bytes.length, sha256: hashBytes(bytes), content: { bytes } }, reader);
}

/** Reads a file once for its hash and its structure. The worker serves others between the pieces. */
async function prepareFile(account: AccountDatabase, path: string, sizeBytes: number): Promise<PreparedEmail> {
  const reader = new MessageReader();
  const sha256 = await hashFile(path, (bytes) => reader.write(bytes));
  const file = account.blobs.takeFile(path);
  return toPrepared({ sizeBytes, sha256, content: { file } }, reader);
}

/** Makes emails ready to be entered: all that takes long is done before the transaction. */
async function prepareEmails(account: AccountDatabase, blobs: readonly BlobSource[]): Promise<PreparedEmail[]> {
  const prepared: PreparedEmail[] = [];
  for (const source of blobs) {
    prepared.push('bytes' in source ? prepareBytes(source.bytes) : await prepareFile(account, source.path, source.sizeBytes));
  }
  return prepared;
}

/** Blobs that need no waiting, made ready at once. */
function prepareSmallEmails(blobs: readonly BlobSource[]): PreparedEmail[] {
  return blobs.flatMap((source) => ('bytes' in source ? [prepareBytes(source.bytes)] : []));
}

/** Gives back the files of emails that were not entered. */
function dropPrepared(account: AccountDatabase, emails: readonly PreparedEmail[]): void {
  for (const { blob } of emails) if ('file' in blob.content) account.blobs.dropFile(blob.content.file);
}

/** What stands against adding messages; undefined where nothing does. */
function refusal(account: AccountDatabase, add: WireAdd): (AddResult & { ok: false }) | undefined {
  let sizeBytes = 0;
  for (const row of account.mailboxes.values()) sizeBytes += row.sizeBytes;
  for (const [index, message] of add.messages.entries()) {
    if (!account.mailboxes.has(parseId('M', message.mailboxId))) return { ok: false, problem: 'no-such-mailbox', index };
    const source = add.blobs[message.blob];
    sizeBytes += source ? sourceSize(source) : 0;
    if (add.quotaBytes !== undefined && sizeBytes > add.quotaBytes) return { ok: false, problem: 'over-quota', index };
  }
  return undefined;
}

interface EnteredEmail {
  readonly id: number;
  readonly threadId: number;
}

function insertEmail(
  account: AccountDatabase,
  email: PreparedEmail,
  message: { readonly receivedAt: number; readonly decision: string | undefined },
): EnteredEmail {
  const { database } = account;
  const { facts, blob, envelope, part } = email;
  const id = account.nextEmailId();
  account.blobs.insert(blob, id);
  const threadId = joinThread(database, threadKeys(facts, account.limits.threadReferences), id);
  database
    .sql('INSERT INTO email VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(id, blob.sizeBytes, Math.trunc(message.receivedAt), threadId, facts.preview, envelope, part);
  const { fields } = facts;
  if (fields) database.sql('INSERT INTO kept_fields VALUES (?, ?, ?)').run(id, Number(fields.plain), fields.bytes);
  if (message.decision !== undefined) database.sql('INSERT INTO email_decision VALUES (?, ?)').run(id, message.decision);
  return { id, threadId };
}

/** Enters messages in one change. The same blob received at the same time is one email, in however many mailboxes. */
function addMessages(account: AccountDatabase, add: WireAdd, emails: readonly PreparedEmail[]): AddResult {
  const refused = refusal(account, add);
  if (refused) return refused;
  const change = account.startChange();
  const entered = new Map<string, EnteredEmail>();
  const added: AddedMessage[] = [];
  for (const message of add.messages) {
    const mailbox = account.mailboxes.get(parseId('M', message.mailboxId));
    const prepared = emails[message.blob];
    if (!mailbox || !prepared) throw new TypeError('a message without mailbox or blob');
    const key = `${message.blob} ${message.receivedAt}`;
    const decision = message.decision && JSON.stringify(message.decision);
    const email = entered.get(key) ?? insertEmail(account, prepared, { receivedAt: message.receivedAt, decision });
    entered.set(key, email);
    const set = account.flagSets.intern(account.flagSets.canonical(message.flags ?? []).flags);
    const row = { uid: mailbox.uidNext, flagSetId: set.id, sizeBytes: prepared.blob.sizeBytes };
    insertMessage(account, mailbox, { ...row, emailId: email.id, modseq: change.modseq, savedAt: add.now });
    account.count(mailbox, set, { sign: 1, sizeBytes: row.sizeBytes });
    change.added(mailbox.id, row);
    added.push({
      ...{ mailboxId: message.mailboxId, uid: row.uid, uidValidity: mailbox.uidValidity },
      ...{ modseq: change.modseq, emailId: `E${email.id}`, threadId: `T${email.threadId}` },
    });
  }
  account.finishChange(change);
  return { ok: true, added };
}

function insertMessage(
  account: AccountDatabase,
  mailbox: MailboxRow,
  message: {
    readonly uid: number;
    readonly flagSetId: number;
    readonly sizeBytes: number;
    readonly emailId: number;
    readonly modseq: number;
    readonly savedAt: number;
  },
): void {
  const { uid, flagSetId, sizeBytes, emailId, modseq, savedAt } = message;
  account.database
    .sql('INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    .run(mailbox.id, uid, modseq, modseq, flagSetId, sizeBytes, emailId, savedAt);
  account.loadedIndex(mailbox.id)?.append({ uid, modseq, createdModseq: modseq, flagSetId, sizeBytes });
  mailbox.uidNext = uid + 1;
  mailbox.highestModseq = modseq;
  mailbox.dirty = true;
}

/** Makes messages ready, then enters them in the account's next transaction. */
export async function prepareAndAdd(account: AccountDatabase, write: WriteSoon, add: WireAdd): Promise<AddResult> {
  const refused = refusal(account, add);
  if (refused) return refused;
  const allSmall = add.blobs.every((source) => 'bytes' in source);
  const emails = allSmall ? prepareSmallEmails(add.blobs) : await prepareEmails(account, add.blobs);
  try {
    const result = await write(() => addMessages(account, add, emails));
    if (!result.ok) dropPrepared(account, emails);
    return result;
  } catch (error) {
    dropPrepared(account, emails);
    throw error;
  }
}
