import type { CommandCursor } from './command-cursor.ts';
import type { SequenceSet } from './sequence-set.ts';

/** A search key as parsed (RFC 9051 §6.4.4). Plain data; text is decoded from the command's charset. */
export interface SearchKey {
  readonly type: string;
}

/** Keys of RFC 9051 and RFC 3501. */
export type BasicSearchKey =
  | { readonly type: 'all' | 'recent' }
  | { readonly type: 'and' | 'or'; readonly keys: readonly SearchKey[] }
  | { readonly type: 'not'; readonly key: SearchKey }
  /** A flag or keyword is set, or is not. */
  | { readonly type: 'flag'; readonly flag: string; readonly set: boolean }
  | { readonly type: 'numbers'; readonly set: SequenceSet; readonly uid: boolean }
  | { readonly type: 'larger' | 'smaller'; readonly sizeBytes: number }
  | DateKey
  | { readonly type: 'from' | 'to' | 'cc' | 'bcc' | 'subject' | 'body' | 'text'; readonly text: string }
  | { readonly type: 'header'; readonly field: string; readonly text: string };

/** A date within [from, to), midnights of UTC in milliseconds; either end may be open. */
export interface DateKey extends SearchKey {
  readonly type: 'received' | 'sent' | 'saved';
  readonly from?: number;
  readonly to?: number;
}

/** What the parser of a key may use. */
export interface SearchKeyContext {
  readonly cursor: CommandCursor;
  /** Another key: for keys made of keys. */
  key(): SearchKey;
  /** An astring, decoded from the command's charset. */
  text(): string;
}

/** One row of the table of search keys. */
export interface SearchKeyDefinition<Key extends SearchKey = SearchKey> {
  readonly name: string;
  readonly capabilities?: readonly string[];
  /** Reads what stands behind the name, from the space on. */
  parse(context: SearchKeyContext): Key;
}
