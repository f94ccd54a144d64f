import type { Envelope } from '@mox/message-format';
import type { BodyStructure } from './body-structure.ts';
import type { SequenceRange } from './sequence-set.ts';

/** A response code in brackets (RFC 9051 §7.1). */
export interface ResponseCode {
  /** In upper case. */
  readonly name: string;
  /** What stands behind the name, without the space; empty for nothing. */
  readonly argument: string;
}

/** Status, code and words of a response. */
export interface StatusText {
  readonly status: 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH';
  readonly code?: ResponseCode;
  readonly text: string;
}

/** A section of a message that a FETCH brought. */
export interface FetchedSection {
  /** `BODY[1.MIME]`, `BINARY[2]`, `RFC822.HEADER`: the item as the server wrote it, name in upper case, without the offset. */
  readonly item: string;
  /** Offset where a part of the section was asked for. */
  readonly offset?: number;
  readonly bytes: Uint8Array | null;
}

/** What a FETCH response tells of one message (RFC 9051 §7.5.2). What was not sent is absent. */
export interface FetchData {
  readonly uid?: number;
  readonly flags?: readonly string[];
  readonly modseq?: number;
  readonly sizeBytes?: number;
  /** INTERNALDATE in milliseconds. */
  readonly receivedAt?: number;
  /** SAVEDATE in milliseconds. */
  readonly savedAt?: number | null;
  readonly envelope?: Envelope;
  readonly structure?: BodyStructure;
  readonly emailId?: string;
  readonly threadId?: string | null;
  readonly preview?: string | null;
  readonly sections?: readonly FetchedSection[];
  /** BINARY.SIZE by section, e.g. `1.2`. */
  readonly binarySizes?: ReadonlyMap<string, number>;
}

/** A namespace (RFC 9051 §6.3.10). */
export interface Namespace {
  readonly prefix: string;
  readonly delimiter: string | null;
}

/** A response of a server (RFC 9051 §7). Plain data. */
export type ImapResponse =
  | { readonly type: 'continue'; readonly text: string }
  | ({ readonly type: 'tagged'; readonly tag: string } & StatusText)
  | ({ readonly type: 'status' } & StatusText)
  | { readonly type: 'capability' | 'enabled'; readonly capabilities: readonly string[] }
  | { readonly type: 'flags'; readonly flags: readonly string[] }
  | {
      readonly type: 'list' | 'lsub';
      readonly attributes: readonly string[];
      readonly delimiter: string | null;
      readonly mailbox: string;
      readonly oldName?: string;
      readonly childInfo?: readonly string[];
    }
  | { readonly type: 'mailbox-status'; readonly mailbox: string; readonly items: ReadonlyMap<string, number | string | null> }
  | { readonly type: 'exists' | 'recent' | 'expunge'; readonly number: number }
  | { readonly type: 'vanished'; readonly earlier: boolean; readonly uids: readonly SequenceRange[] }
  | { readonly type: 'search'; readonly numbers: readonly number[]; readonly modseq?: number }
  | {
      readonly type: 'esearch';
      readonly tag?: string;
      readonly uid: boolean;
      readonly min?: number;
      readonly max?: number;
      readonly count?: number;
      readonly all?: readonly SequenceRange[];
      readonly modseq?: number;
    }
  | { readonly type: 'fetch'; readonly number: number; readonly data: FetchData }
  | {
      readonly type: 'namespace';
      readonly personal: readonly Namespace[];
      readonly others: readonly Namespace[];
      readonly shared: readonly Namespace[];
    }
  | { readonly type: 'id'; readonly parameters: ReadonlyMap<string, string | null> | null }
  /** A response that is not known here, or not as the RFC wants it. */
  | { readonly type: 'unknown'; readonly text: string; readonly problem: string };
