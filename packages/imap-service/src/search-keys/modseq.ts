import type { ModseqKey } from '@mox/imap';
import type { SearchKeyHandler } from '../search-evaluator.ts';

/** MODSEQ (RFC 7162 §3.1.5). */
export const modseq: SearchKeyHandler<ModseqKey> = {
  types: ['modseq'],
  test({ modseq: from }, { connection }) {
    const { table } = connection.view;
    return (place) => (table.modseqs[place] ?? 0) >= from;
  },
  criterion: (key) => key,
};
