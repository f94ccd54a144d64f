import type { EnableCommand } from '@mox/imap';
import { enableCondstore } from '../condstore.ts';
import type { CommandHandler } from '../handler.ts';
import { completed } from '../imap-connection.ts';

/** ENABLE (RFC 9051 §6.3.1, RFC 5161 §3.1). */
export const enable: CommandHandler<EnableCommand> = {
  name: 'ENABLE',
  async run(connection, command) {
    const { session } = connection;
    // Told apart from the other capabilities, since it brings HIGHESTMODSEQ where a mailbox is selected.
    const condstore = command.capabilities.some((name) => name === 'CONDSTORE' || name === 'QRESYNC') && !session.isEnabled('CONDSTORE');
    const enabled = session.enable(command.capabilities);
    session.untagged(`ENABLED${enabled.map((name) => ` ${name}`).join('')}`);
    if (condstore) enableCondstore(connection, { already: true });
    return completed('ENABLE');
  },
};
