import type { SimpleCommand } from '@mox/imap';
import type { CommandHandler } from '../handler.ts';
import { completed } from '../imap-connection.ts';

/** NAMESPACE: the account's own mailboxes, at the root (RFC 9051 §6.3.10, RFC 2342 §5). */
export const namespace: CommandHandler<SimpleCommand> = {
  name: 'NAMESPACE',
  async run({ session }) {
    session.untagged('NAMESPACE (("" "/")) NIL NIL');
    return completed('NAMESPACE');
  },
};
