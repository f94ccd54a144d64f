import type { ObjectIdKey } from '@mox/imap';
import type { SearchKeyHandler } from '../search-evaluator.ts';

/** EMAILID and THREADID (RFC 8474 §6). */
export const objectId: SearchKeyHandler<ObjectIdKey> = { types: ['email-id', 'thread-id'], criterion: (key) => key };
