import type { SearchKey, SearchKeyDefinition } from '../search-key.ts';

/** OLDER and YOUNGER: received more, or less, than so many seconds ago (RFC 5032 §2). */
export interface WithinKey extends SearchKey {
  readonly type: 'older' | 'younger';
  readonly seconds: number;
}

/* @__NO_SIDE_EFFECTS__ */
function definition(type: WithinKey['type']): SearchKeyDefinition<WithinKey> {
  return {
    name: type.toUpperCase(),
    capabilities: ['WITHIN'],
    parse({ cursor }) {
      cursor.space();
      return { type, seconds: cursor.nzNumber() };
    },
  };
}

/** OLDER. */
export const olderKey: SearchKeyDefinition<WithinKey> = definition('older');
/** YOUNGER. */
export const youngerKey: SearchKeyDefinition<WithinKey> = definition('younger');
