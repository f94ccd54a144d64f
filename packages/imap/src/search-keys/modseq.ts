import type { SearchKey, SearchKeyDefinition } from '../search-key.ts';

/** MODSEQ: messages changed at or after a mod-sequence (RFC 7162 §3.1.5). The entry, where one was named, makes no difference. */
export interface ModseqKey extends SearchKey {
  readonly type: 'modseq';
  readonly modseq: number;
}

/** MODSEQ. */
export const modseqKey: SearchKeyDefinition<ModseqKey> = {
  name: 'MODSEQ',
  parse({ cursor }) {
    cursor.space();
    if (cursor.peek() === 34) {
      cursor.string();
      cursor.space();
      if (!['PRIV', 'SHARED', 'ALL'].includes(cursor.keyword())) cursor.fail('the entry type must be priv, shared or all');
      cursor.space();
    }
    return { type: 'modseq', modseq: cursor.number64() };
  },
};
