import type { SearchKey, SearchKeyDefinition } from '../search-key.ts';

/** EMAILID and THREADID (RFC 8474 §6). */
export interface ObjectIdKey extends SearchKey {
  readonly type: 'email-id' | 'thread-id';
  readonly id: string;
}

/* @__NO_SIDE_EFFECTS__ */
function definition(name: string, type: ObjectIdKey['type']): SearchKeyDefinition<ObjectIdKey> {
  return {
    name,
    parse({ cursor }) {
      cursor.space();
      return { type, id: cursor.astring() };
    },
  };
}

/** EMAILID. */
export const emailIdKey: SearchKeyDefinition<ObjectIdKey> = definition('EMAILID', 'email-id');
/** THREADID. */
export const threadIdKey: SearchKeyDefinition<ObjectIdKey> = definition('THREADID', 'thread-id');
