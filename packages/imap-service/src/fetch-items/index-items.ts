import type { FetchItem } from '@mox/imap';
import type { FetchWriter } from '../fetch-writer.ts';
import { formatFlags } from '../tell-changes.ts';

/** FLAGS. The client knows them then: they need not be told again. */
export const flags: FetchWriter<FetchItem> = {
  name: 'FLAGS',
  write(_, { place, uid }, { session, view }, out) {
    view.changed.delete(uid);
    if (view.table.recent[place] === 1) return out.word(formatFlags(session, view, place));
    out.word('FLAGS (');
    out.word(view.flags.get(view.table.flagSetIds[place] ?? 0).text);
    out.word(')');
  },
};

/** UID. */
export const uid: FetchWriter<FetchItem> = {
  name: 'UID',
  write(_, message, __, out) {
    out.word('UID ');
    out.number(message.uid);
  },
};

/** RFC822.SIZE. */
export const size: FetchWriter<FetchItem> = {
  name: 'RFC822.SIZE',
  write(_, { place }, { view }, out) {
    out.word('RFC822.SIZE ');
    out.number(view.table.sizes[place] ?? 0);
  },
};

/** MODSEQ (RFC 7162 §3.1.4.2). */
export const modseq: FetchWriter<FetchItem> = {
  name: 'MODSEQ',
  write(_, { place }, { view }, out) {
    out.word('MODSEQ (');
    out.number(view.table.modseqs[place] ?? 0);
    out.word(')');
  },
};
