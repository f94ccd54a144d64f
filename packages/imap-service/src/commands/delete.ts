import type { MailboxCommand } from '@mox/imap';
import type { CommandHandler } from '../handler.ts';
import { completed } from '../imap-connection.ts';
import { mailboxReply } from '../store-reply.ts';

/** DELETE (RFC 9051 §6.3.5). */
export const deleteMailbox: CommandHandler<MailboxCommand> = {
  name: 'DELETE',
  async run({ account }, command) {
    const mailbox = await account.mailbox(command.mailbox);
    if (!mailbox) return mailboxReply('no-such-mailbox');
    const deleted = await account.deleteMailbox(mailbox.id);
    return deleted.ok ? completed('DELETE') : mailboxReply(deleted.problem);
  },
};
