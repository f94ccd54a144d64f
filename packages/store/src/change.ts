import type { FlagSet } from './mailbox.ts';

/** What happened to messages of one mailbox in one change. Arrays of `added` and `flags` are aligned and ordered by uid. */
export interface MailboxChange {
  readonly mailboxId: string;
  readonly added?: MessageStates;
  readonly flags?: MessageStates;
  /** Uids that are gone, ascending. */
  readonly expunged?: Uint32Array;
}

/** The state of some messages: arrays of the same length, ordered by uid. */
export interface MessageStates {
  readonly uids: Uint32Array;
  readonly modseqs: Float64Array;
  readonly flagSetIds: Uint32Array;
  readonly sizes: Uint32Array;
}

/** One committed change. */
export interface AccountChange {
  /** The change counter after it. */
  readonly modseq: number;
  readonly messages: readonly MailboxChange[];
  /** Mailboxes made, renamed, subscribed or deleted. Counts of mailboxes change with their messages and are not told here. */
  readonly mailboxes: readonly {
    readonly id: string;
    readonly kind: 'created' | 'updated' | 'deleted';
    readonly path: string;
    readonly oldPath?: string;
  }[];
  /** Flag sets that occur above and are new with this change. */
  readonly flagSets: readonly FlagSet[];
}

/** Everything between two values of the change counter, merged: a message added and expunged within does not occur, unless asked for. */
export interface Changes {
  readonly from: number;
  readonly to: number;
  /** False where tombstones before `from` were dropped: read everything anew. */
  readonly complete: boolean;
  readonly messages: readonly MailboxChange[];
  readonly mailboxes: AccountChange['mailboxes'];
  readonly flagSets: readonly FlagSet[];
}
