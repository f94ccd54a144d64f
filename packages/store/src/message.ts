import type { Envelope, Part, SectionBytes } from '@mox/message-format';
import type { BlobId } from './blob.ts';
import type { Decision } from './decision.ts';
import type { FlagSet, Mailbox } from './mailbox.ts';
import type { PackedText } from './packed-reader.ts';

/** Every message of a mailbox, ordered by uid: arrays of the same length. */
export interface MailboxIndex {
  readonly mailbox: Mailbox;
  readonly uids: Uint32Array;
  readonly modseqs: Float64Array;
  /** Id of each message's flag set. */
  readonly flagSetIds: Uint32Array;
  /** Size of each message in bytes. */
  readonly sizes: Uint32Array;
  /** The flag sets that occur. */
  readonly flagSets: readonly FlagSet[];
}

/** A message that was added. */
export interface AddedMessage {
  readonly mailboxId: string;
  readonly uid: number;
  readonly uidValidity: number;
  readonly modseq: number;
  readonly emailId: string;
  readonly threadId: string;
}

/** A message that was copied or moved. */
export interface MovedMessage {
  readonly fromUid: number;
  readonly toUid: number;
  readonly modseq: number;
}

/** Immutable content, seen through a message. Only the fields asked for are there; `envelope` and `part` need not be properties of its own. */
export interface Email {
  readonly uid: number;
  /** OBJECTID (RFC 8474 §5.1): the same for every copy. */
  readonly emailId: string;
  readonly blobId: BlobId;
  readonly sizeBytes: number;
  readonly threadId?: string;
  /** INTERNALDATE, in milliseconds. */
  readonly receivedAt?: number;
  /** When the message came into this mailbox (SAVEDATE, RFC 8514), in milliseconds. */
  readonly savedAt?: number;
  readonly envelope?: Envelope | undefined;
  readonly part?: Part | undefined;
  /** `envelope` as a text that `PackedReader` reads, for who wants no objects; an engine need not have it. */
  readonly packedEnvelope?: PackedText;
  /** `part` in the same way. */
  readonly packedPart?: PackedText;
  /**
   * The fields of the header section as they stood, in their order and with the empty line behind them, but for those that `isKeptField`
   * says are left out. Undefined where they are many, or not yet kept: then they are read from the blob.
   */
  readonly keptFields?: SectionBytes;
  /** The first words of the text (RFC 8970). */
  readonly preview?: string;
  readonly decision?: Decision;
}

/** How flags of messages change. */
export interface FlagUpdate {
  readonly uids: Uint32Array;
  readonly mode: 'add' | 'remove' | 'replace';
  readonly flags: readonly string[];
  /** Messages changed after this modseq are left alone (UNCHANGEDSINCE, RFC 7162 §3.1.3). */
  readonly unchangedSince?: number;
}

/** What became of a flag update. */
export interface FlagUpdateResult {
  /** Messages changed: same length, ordered by uid. Those that had the flags already are not among them. */
  readonly uids: Uint32Array;
  readonly modseqs: Float64Array;
  readonly flagSetIds: Uint32Array;
  /** Flag sets that occur above. */
  readonly flagSets: readonly FlagSet[];
  /** Uids left alone because of `unchangedSince`. */
  readonly modified: Uint32Array;
  /** Flags that cannot be stored: not a keyword (RFC 8621 §4.1.1), or one keyword too many. The others were taken. */
  readonly refused?: readonly string[];
}
