import type { BlobId, BlobRange, StagedBlob } from './blob.ts';
import type { AccountChange, Changes } from './change.ts';
import type { Decision } from './decision.ts';
import type { FlagSet, Mailbox, MailboxProblem, MailboxRole } from './mailbox.ts';
import type { AddedMessage, Email, FlagUpdate, FlagUpdateResult, MailboxIndex, MovedMessage } from './message.ts';
import type { SearchCriterion } from './search.ts';

/**
 * One account: an island with its own database, its own blobs and its own change counter.
 * Messages of a mailbox are named by uid; uids passed in need not exist, unknown ones are passed over.
 */
export interface Account {
  readonly id: string;
  /** The change counter: the modseq of the newest change. */
  modseq(): Promise<number>;

  mailboxes(): Promise<readonly Mailbox[]>;
  /** By path, names joined with `/`. `INBOX` is found in any case of its letters (RFC 9051 §5.1). */
  mailbox(path: string): Promise<Mailbox | undefined>;
  /** Makes a mailbox, and those above it that are missing. */
  createMailbox(path: string, options?: { readonly role?: MailboxRole }): Promise<MailboxResult>;
  /** Renames or moves a mailbox with all below it. Renaming INBOX moves its messages (RFC 9051 §6.3.6). */
  renameMailbox(id: string, path: string): Promise<MailboxResult>;
  /** Deletes a mailbox and its messages. */
  deleteMailbox(id: string): Promise<{ readonly ok: true } | { readonly ok: false; readonly problem: MailboxProblem }>;
  setSubscribed(path: string, subscribed: boolean): Promise<void>;
  /** Paths subscribed to, those without a mailbox included (RFC 9051 §6.3.7). */
  subscriptions(): Promise<readonly string[]>;

  /** Adds messages, all or none. Blob and rows are durable when the promise resolves; concurrent calls share a commit. */
  addMessages(
    messages: readonly NewMessage[],
  ): Promise<
    | { readonly ok: true; readonly added: readonly AddedMessage[] }
    | { readonly ok: false; readonly problem: 'no-such-mailbox' | 'over-quota'; readonly index: number }
  >;
  /** Everything a session needs to number a mailbox's messages: flat arrays, ordered by uid. */
  openMailbox(id: string): Promise<MailboxIndex | undefined>;
  /** Flag sets by id: what `MailboxIndex.flagSets` and changes point to. Ids are never used again. */
  flagSet(id: number): Promise<FlagSet | undefined>;
  updateFlags(mailboxId: string, update: FlagUpdate): Promise<FlagUpdateResult | undefined>;
  /** A copy is a new message of the same email. Order of uids is kept. */
  copyMessages(from: string, uids: Uint32Array, to: string): Promise<readonly MovedMessage[] | undefined>;
  /** As copy and expunge in one transaction. */
  moveMessages(from: string, uids: Uint32Array, to: string): Promise<readonly MovedMessage[] | undefined>;
  /** Removes messages, those not marked `\Deleted` included. Gives the uids removed, ascending. */
  expunge(mailboxId: string, uids: Uint32Array): Promise<Uint32Array>;

  /** Emails of messages, in order of uid, in batches of bounded size. `fields` says what is read: the less, the faster. */
  readEmails(mailboxId: string, uids: Uint32Array, fields: readonly EmailField[]): AsyncIterable<readonly Email[]>;
  /** Bytes `start` (included) to `end` (excluded) of a blob, in pieces of bounded size. Undefined where there is no such blob. */
  readBlob(id: BlobId, range?: { readonly start?: number; readonly end?: number }): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Several short ranges, of one blob or of many, in one go: the way to read a field or a part of many messages. Whole in memory. */
  readRanges(ranges: readonly BlobRange[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** Uids that match, ascending. */
  search(mailboxId: string, criterion: SearchCriterion): Promise<Uint32Array>;

  /**
   * What changed after `modseq`, in one mailbox or everywhere; `complete` is false where history was cut. With `briefly` messages
   * that were added and expunged within are among those expunged: for a client that may have seen them (RFC 7162 §3.2.6).
   */
  changesSince(modseq: number, options?: { readonly mailboxId?: string; readonly briefly?: boolean }): Promise<Changes>;
  /** Calls back for every committed change, in order, whoever made it. Returns the function that stops it. */
  watch(listener: (change: AccountChange) => void): () => void;

  usage(): Promise<{ readonly messages: number; readonly sizeBytes: number; readonly quotaBytes?: number }>;
  /** Decisions kept with the mail of this account. */
  decision(emailId: string): Promise<Decision | undefined>;
}

/** Parts of an email that can be asked for one by one; `uid`, `emailId`, `blobId` and `sizeBytes` always come. */
export type EmailField = 'envelope' | 'structure' | 'kept-fields' | 'received-at' | 'saved-at' | 'thread' | 'preview' | 'decision';

/** A message to be added. */
export interface NewMessage {
  readonly mailboxId: string;
  readonly blob: StagedBlob;
  /** Flags and keywords, e.g. `\Seen`, `$Forwarded`. */
  readonly flags?: readonly string[];
  /** INTERNALDATE, in milliseconds. */
  readonly receivedAt: number;
  /** Why it is here. */
  readonly decision?: Decision;
}

/** A mailbox made or changed, or why not. */
export type MailboxResult = { readonly ok: true; readonly mailbox: Mailbox } | { readonly ok: false; readonly problem: MailboxProblem };
