/** What a mailbox is for (RFC 6154, RFC 8621 §2). */
export type MailboxRole = 'inbox' | 'archive' | 'drafts' | 'flagged' | 'important' | 'junk' | 'sent' | 'trash' | 'all';

/** Why a mailbox could not be made, renamed or deleted. */
export type MailboxProblem =
  | 'no-such-mailbox'
  | 'name-taken'
  | 'invalid-name'
  | 'has-children'
  | 'is-inbox'
  | 'too-many'
  | 'into-itself'
  | 'role-taken';

/** A mailbox and its counts. */
export interface Mailbox {
  /** Never changes (OBJECTID, RFC 8474 §4.1), also across renames. */
  readonly id: string;
  readonly parentId?: string;
  /** Names from the root joined with `/`, Unicode NFC; the inbox is `INBOX`. */
  readonly path: string;
  readonly role?: MailboxRole;
  readonly subscribed: boolean;
  readonly uidValidity: number;
  readonly uidNext: number;
  /** Modseq of the newest change to the mailbox or to a message in it, expunges included. */
  readonly highestModseq: number;
  readonly messages: number;
  readonly unseen: number;
  /** Messages marked `\Deleted`. */
  readonly deleted: number;
  readonly sizeBytes: number;
}

/** A set of flags and keywords that messages of an account share; named by a number, so that an index stays small. */
export interface FlagSet {
  readonly id: number;
  /** Sorted; system flags with their backslash and the case of RFC 9051 §2.3.2. */
  readonly flags: readonly string[];
}
