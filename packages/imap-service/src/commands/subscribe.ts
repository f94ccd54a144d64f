import type { MailboxCommand } from '@mox/imap';
import type { CommandHandler } from '../handler.ts';
import { completed } from '../imap-connection.ts';
import { mailboxReply } from '../store-reply.ts';

/** SUBSCRIBE (RFC 9051 §6.3.7). */
export const subscribe: CommandHandler<MailboxCommand> = {
  name: 'SUBSCRIBE',
  async run({ account }, command) {
    const mailbox = await account.mailbox(command.mailbox);
    if (!mailbox) return mailboxReply('no-such-mailbox');
    await account.setSubscribed(mailbox.path, true);
    return completed('SUBSCRIBE');
  },
};

/** UNSUBSCRIBE, also of a mailbox that is gone (RFC 9051 §6.3.8). */
export const unsubscribe: CommandHandler<MailboxCommand> = {
  name: 'UNSUBSCRIBE',
  async run({ account }, command) {
    await account.setSubscribed(command.mailbox, false);
    return completed('UNSUBSCRIBE');
  },
};
