import type { StatusCommand } from '@mox/imap';
import type { CommandHandler } from '../handler.ts';
import { completed } from '../imap-connection.ts';
import { areStatusItems, writeStatus } from '../status-items.ts';
import { mailboxReply } from '../store-reply.ts';

/** STATUS (RFC 9051 §6.3.11). */
export const status: CommandHandler<StatusCommand> = {
  name: 'STATUS',
  async run(connection, command) {
    if (!areStatusItems(command.items)) return { status: 'BAD', text: 'There is no such status item' };
    const mailbox = await connection.account.mailbox(command.mailbox);
    if (!mailbox) return mailboxReply('no-such-mailbox');
    await writeStatus(connection, mailbox, command.items);
    return completed('STATUS');
  },
};
