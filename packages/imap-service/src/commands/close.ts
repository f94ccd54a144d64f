import type { SimpleCommand } from '@mox/imap';
import { deletedUids } from '../deleted-uids.ts';
import type { CommandHandler } from '../handler.ts';
import { completed } from '../imap-connection.ts';

/** CLOSE: expunges without a word, and leaves the mailbox (RFC 9051 §6.4.1). */
export const close: CommandHandler<SimpleCommand> = {
  name: 'CLOSE',
  async run(connection) {
    const { view, account } = connection;
    if (!view.readOnly) {
      const uids = await deletedUids(view);
      if (uids.length > 0) await account.expunge(view.id, uids);
    }
    connection.unselect();
    return completed('CLOSE');
  },
  tells: () => 'nothing',
};

/** UNSELECT: leaves the mailbox (RFC 9051 §6.4.2, RFC 3691 §2). */
export const unselect: CommandHandler<SimpleCommand> = {
  name: 'UNSELECT',
  async run(connection) {
    connection.unselect();
    return completed('UNSELECT');
  },
  tells: () => 'nothing',
};
