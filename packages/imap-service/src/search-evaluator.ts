import type { SearchKey } from '@mox/imap';
import type { SearchCriterion } from '@mox/store';
import type { ImapConnection } from './imap-connection.ts';

/** Whether the message at a place of the view matches. */
export type PlaceTest = (place: number) => boolean;

/** What rows of the table of search keys may use. */
export interface SearchContext {
  readonly connection: ImapConnection;
  readonly now: number;
  /** The test of a key inside this one; undefined where the view cannot know. */
  test(key: SearchKey): PlaceTest | undefined;
  /** The store's criterion for a key inside this one. */
  criterion(key: SearchKey): SearchCriterion;
}

/** One row of the table of search keys: how a key is answered by the view, where it can be, and by the store. */
export interface SearchKeyHandler<Key extends SearchKey = SearchKey> {
  readonly types: readonly Key['type'][];
  /** Undefined where the view cannot know; a row without it never does. */
  test?(key: Key, context: SearchContext): PlaceTest | undefined;
  criterion(key: Key, context: SearchContext): SearchCriterion;
}
