import type { RenameCommand } from '@mox/imap';
import type { CommandHandler } from '../handler.ts';
import { completed } from '../imap-connection.ts';
import { mailboxReply } from '../store-reply.ts';

/** RENAME (RFC 9051 §6.3.6). */
export const rename: CommandHandler<RenameCommand> = {
  name: 'RENAME',
  async run({ account }, { from, to }) {
    const mailbox = await account.mailbox(from);
    if (!mailbox) return mailboxReply('no-such-mailbox');
    const renamed = await account.renameMailbox(mailbox.id, to.endsWith('/') ? to.slice(0, -1) : to);
    return renamed.ok ? completed('RENAME') : mailboxReply(renamed.problem);
  },
};
