import type { MailboxResult, NewMessage } from './account.ts';
import type { AccountInfo, Credential, NewAccount } from './accounts.ts';
import type { BlobRange } from './blob.ts';
import type { AccountChange, Changes } from './change.ts';
import type { Decision } from './decision.ts';
import type { StoreLimits } from './limits.ts';
import type { FlagSet, Mailbox, MailboxProblem, MailboxRole } from './mailbox.ts';
import type { AddedMessage, FlagUpdate, FlagUpdateResult, MailboxIndex } from './message.ts';
import type { QueuedChange, QueuedMessage } from './queue.ts';
import type { SearchCriterion } from './search.ts';
import type { StoreErrorCode, StoreProblem } from './store.ts';

// What the threads say to each other. A call names a database (an account's id, or the empty string for the
// database that all share), a function of the interfaces below, and its arguments.

/** A blob on its way into a database: its bytes, or a file that holds them durably. */
export type BlobSource = { readonly bytes: Uint8Array } | { readonly path: string; readonly sizeBytes: number };

/** A blob on its way out of a database: the bytes asked for, or the file that holds all of them. */
export type BlobContent = { readonly bytes: Uint8Array } | { readonly path: string };

/** A message to be added; its blob by place in the list that comes along, so that one blob travels once. */
export interface WireMessage extends Omit<NewMessage, 'blob'> {
  readonly blob: number;
}

/** What is added in one go. */
export interface WireAdd {
  readonly messages: readonly WireMessage[];
  readonly blobs: readonly BlobSource[];
  readonly now: number;
  readonly quotaBytes: number | undefined;
}

/** A message to be queued. */
export interface WireQueued {
  readonly sender: string;
  readonly recipients: readonly string[];
  /** By place in the list that comes along. */
  readonly blob: number;
  readonly nextAttemptAt: number;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A `QueueBatch` on its way to the worker. */
export interface WireQueueBatch {
  readonly enqueue: readonly WireQueued[];
  readonly change: readonly QueuedChange[];
  readonly remove: readonly string[];
}

/** Which columns `readEmails` reads. */
export interface EmailColumns {
  readonly envelope: boolean;
  readonly structure: boolean;
  readonly keptFields: boolean;
  readonly receivedAt: boolean;
  readonly savedAt: boolean;
  readonly thread: boolean;
  readonly preview: boolean;
  readonly decision: boolean;
}

/** Columns of some emails, a value for each email, in order of uid. */
export interface EmailRows {
  /** A JSON array a column: uid, number of the email and its blob, size, then those of `EmailColumns` that are not packed, in their order; of kept fields how long they are, -1 where there are none. */
  readonly values: readonly string[];
  /**
   * Packed envelopes, packed parts and kept fields, as far as asked for: JSON texts, each with a line feed behind it but for the last;
   * the fields one behind the other.
   */
  readonly packed: readonly Uint8Array[];
}

/** What `readEmails` gives: as much as is worth handing over at once. */
export interface EmailBatches {
  readonly batches: readonly EmailRows[];
  /** How many of the uids were read; the others are to be asked for again. */
  readonly read: number;
}

/** Copied or moved messages as aligned arrays. */
export interface WireMoved {
  readonly fromUids: Uint32Array;
  readonly toUids: Uint32Array;
  readonly modseq: number;
}

/** What a worker does for an account. */
export interface AccountCalls {
  modseq(): number;
  mailboxes(): readonly Mailbox[];
  mailbox(path: string): Mailbox | undefined;
  createMailbox(path: string, role: MailboxRole | undefined): MailboxResult;
  renameMailbox(id: string, path: string, now: number): MailboxResult;
  deleteMailbox(id: string): { readonly ok: true } | { readonly ok: false; readonly problem: MailboxProblem };
  setSubscribed(path: string, subscribed: boolean): void;
  subscriptions(): readonly string[];
  addMessages(
    add: WireAdd,
  ):
    | { readonly ok: true; readonly added: readonly AddedMessage[] }
    | { readonly ok: false; readonly problem: 'no-such-mailbox' | 'over-quota'; readonly index: number };
  openMailbox(id: string): MailboxIndex | undefined;
  flagSet(id: number): FlagSet | undefined;
  updateFlags(mailboxId: string, update: FlagUpdate): FlagUpdateResult | undefined;
  copyMessages(from: string, uids: Uint32Array, to: string, now: number): WireMoved | undefined;
  moveMessages(from: string, uids: Uint32Array, to: string, now: number): WireMoved | undefined;
  expunge(mailboxId: string, uids: Uint32Array): Uint32Array;
  readEmails(mailboxId: string, uids: Uint32Array, columns: EmailColumns): EmailBatches;
  readBlob(id: string, range: { readonly start?: number; readonly end?: number } | undefined): BlobContent | undefined;
  /** The bytes of all ranges one behind the other, and the length of each; -1 where there is no such blob. */
  readRanges(ranges: readonly BlobRange[]): { readonly bytes: Uint8Array; readonly lengths: Int32Array };
  search(mailboxId: string, criterion: SearchCriterion): Uint32Array;
  changesSince(modseq: number, mailboxId: string | undefined, briefly: boolean): Changes;
  watch(on: boolean): void;
  usage(): { readonly messages: number; readonly sizeBytes: number };
  decision(emailId: string): Decision | undefined;
  check(): readonly StoreProblem[];
  /** Closes the database; deletes the account's folder where asked for. */
  closeAccount(remove: boolean): void;
}

/** What a worker does for the database that all accounts share. */
export interface GlobalCalls {
  createAccount(
    account: NewAccount,
    now: number,
  ):
    | { readonly ok: true; readonly account: AccountInfo }
    | { readonly ok: false; readonly problem: 'name-taken' | 'address-taken'; readonly taken: string };
  getAccount(id: string): AccountInfo | undefined;
  listAccounts(): readonly AccountInfo[];
  findAccountByLogin(login: string): AccountInfo | undefined;
  findAccountByAddress(address: string): AccountInfo | undefined;
  credentials(id: string): readonly Credential[];
  setCredentials(id: string, credentials: readonly Credential[]): void;
  updateAccount(
    id: string,
    change: { readonly addresses?: readonly string[]; readonly quotaBytes?: number | null; readonly enabled?: boolean },
  ): AccountInfo | undefined;
  /** Takes the account out of the directory and keeps its id among those whose folder is to go. */
  removeAccount(id: string): boolean;
  removedAccounts(): readonly string[];
  forgetRemovedAccount(id: string): void;
  applyToQueue(batch: WireQueueBatch, blobs: readonly BlobSource[], now: number): readonly string[];
  dueMessages(now: number, limit: number): readonly QueuedMessage[];
  getQueued(id: string): QueuedMessage | undefined;
  listQueued(limit: number, afterId: string | undefined): readonly QueuedMessage[];
  rescheduleQueued(
    id: string,
    attempt: { readonly recipients: readonly string[]; readonly nextAttemptAt: number; readonly problem: string },
  ): boolean;
  removeQueued(id: string): boolean;
  readQueuedBlob(id: string): BlobContent | undefined;
  nextDue(after: number | undefined): number | undefined;
  recordDecision(decision: Decision): void;
  findDecisions(query: { readonly text?: string; readonly since?: number; readonly limit?: number }): readonly Decision[];
  checkGlobal(): readonly StoreProblem[];
}

/** Every function that can be called. */
export interface Calls extends AccountCalls, GlobalCalls {}

/** A call on its way to a worker. */
export interface WireRequest {
  readonly id: number;
  /** Account id; empty for the shared database. */
  readonly database: string;
  readonly call: keyof Calls;
  readonly args: readonly unknown[];
}

/** An answer on its way back. */
export interface WireReply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code: StoreErrorCode; readonly message: string };
}

/** What a worker posts: changes first, so that who waits for an answer has seen what came before it. */
export interface WorkerPost {
  readonly changes: readonly { readonly accountId: string; readonly change: AccountChange }[];
  readonly replies: readonly WireReply[];
}

/** What a worker is started with. */
export interface WorkerSettings {
  readonly directory: string;
  readonly readOnly: boolean;
  readonly limits: StoreLimits;
}
