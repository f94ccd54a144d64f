import type { WithinKey } from '@mox/imap';
import type { SearchKeyHandler } from '../search-evaluator.ts';

/** OLDER and YOUNGER (RFC 5032 §2). */
export const within: SearchKeyHandler<WithinKey> = {
  types: ['older', 'younger'],
  criterion({ type, seconds }, { now }) {
    const then = now - seconds * 1000;
    return type === 'older' ? { type: 'received', to: then } : { type: 'received', from: then };
  },
};
