import type { Envelope } from '@mox/message-format';
import type { BodyStructure } from './body-structure.ts';
import type { QuotaResource } from './response-quota.ts';
import type { ThreadBranch } from './response-thread.ts';
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

/** A value of a FETCH item that is not known here: atoms, numbers and strings as text, null for NIL, a list for parentheses. */
export type FetchValue = string | null | readonly FetchValue[];

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
  /** Items that have no place of their own here, by name in upper case: `X-GM-MSGID`, `X-GM-LABELS`. Numbers of 64 bits stay whole. */
  readonly others?: ReadonlyMap<string, FetchValue>;
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
  /** SEARCH, and SORT of RFC 5256 §4, whose order tells something. */
  | { readonly type: 'search' | 'sort'; readonly numbers: readonly number[]; readonly modseq?: number }
  | { readonly type: 'thread'; readonly threads: readonly ThreadBranch[] }
  | {
      readonly type: 'esearch';
      readonly tag?: string;
      readonly uid: boolean;
      readonly min?: number;
      readonly max?: number;
      readonly count?: number;
      readonly all?: readonly SequenceRange[];
      /** PARTIAL (RFC 9394): the places asked for, counted from the end where negative, and what was found there. */
      readonly partial?: { readonly from: number; readonly to: number; readonly numbers: readonly SequenceRange[] };
      readonly modseq?: number;
    }
  | { readonly type: 'fetch'; readonly number: number; readonly data: FetchData }
  | {
      readonly type: 'namespace';
      readonly personal: readonly Namespace[];
      readonly others: readonly Namespace[];
      readonly shared: readonly Namespace[];
    }
  | { readonly type: 'quota'; readonly root: string; readonly resources: readonly QuotaResource[] }
  | { readonly type: 'quota-root'; readonly mailbox: string; readonly roots: readonly string[] }
  /** Rights by identifier (RFC 4314 §3.6). */
  | { readonly type: 'acl'; readonly mailbox: string; readonly rights: ReadonlyMap<string, string> }
  | {
      readonly type: 'list-rights';
      readonly mailbox: string;
      readonly identifier: string;
      readonly required: string;
      /** Rights that may be granted; those of one text only together. */
      readonly optional: readonly string[];
    }
  | { readonly type: 'my-rights'; readonly mailbox: string; readonly rights: string }
  /** METADATA (RFC 5464 §4.4): entries with values, or names of entries that changed. The mailbox is empty for the server. */
  | {
      readonly type: 'metadata';
      readonly mailbox: string;
      readonly entries: ReadonlyMap<string, string | null>;
      readonly changed: readonly string[];
    }
  | { readonly type: 'id'; readonly parameters: ReadonlyMap<string, string | null> | null }
  /** A response that is not known here, or not as the RFC wants it. */
  | { readonly type: 'unknown'; readonly text: string; readonly problem: string };
