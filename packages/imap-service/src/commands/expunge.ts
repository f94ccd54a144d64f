import type { ExpungeCommand } from '@mox/imap';
import { deletedUids } from '../deleted-uids.ts';
import type { CommandHandler } from '../handler.ts';
import { completed, readOnlyMailbox } from '../imap-connection.ts';

/** EXPUNGE and UID EXPUNGE (RFC 9051 §6.4.3, §6.4.9; RFC 4315 §2.1). */
export const expunge: CommandHandler<ExpungeCommand> = {
  name: 'EXPUNGE',
  async run({ account, session, view }, { set }) {
    if (view.readOnly) return readOnlyMailbox;
    const uids = await deletedUids(view, set && (view.places(set, true) ?? new Uint32Array()));
    const gone = uids.length > 0 ? await account.expunge(view.id, uids) : uids;
    view.applyOwnExpunge(gone);
    // RFC 7162 §3.2.7: with QRESYNC the mod-sequence is told
    const modseq = gone.length > 0 && session.isEnabled('QRESYNC') ? `HIGHESTMODSEQ ${view.highestModseq}` : undefined;
    return completed('EXPUNGE', modseq);
  },
};
