import type { SearchKey } from '@mox/imap';
import type { SearchCriterion } from '@mox/store';
import type { ImapConnection } from '../imap-connection.ts';
import type { PlaceTest, SearchContext, SearchKeyHandler } from '../search-evaluator.ts';
import { all, and, date, flag, header, not, numbers, or, recent, size, text } from './basic.ts';
import { modseq } from './modseq.ts';
import { objectId } from './object-id.ts';
import { within } from './within.ts';

/** How each search key is answered: an extension's key is a row here. */
const handlers: readonly SearchKeyHandler[] = [
  all,
  recent,
  and,
  or,
  not,
  flag,
  numbers,
  size,
  date,
  text,
  header,
  modseq,
  objectId,
  within,
];

const byType = new Map(handlers.flatMap((handler) => handler.types.map((type) => [type, handler] as const)));

function handlerOf(key: SearchKey): SearchKeyHandler {
  const handler = byType.get(key.type);
  if (!handler) throw new TypeError(`no row answers the search key ${key.type}`);
  return handler;
}

/** What answers keys, and the keys inside them. */
export function searchContext(connection: ImapConnection): SearchContext {
  const context: SearchContext = {
    connection,
    now: connection.clock.now(),
    test: (key): PlaceTest | undefined => handlerOf(key).test?.(key, context),
    criterion: (key): SearchCriterion => handlerOf(key).criterion(key, context),
  };
  return context;
}
