import { formatString, type IdCommand } from '@mox/imap';
import type { CommandHandler } from '../handler.ts';
import { completed } from '../imap-connection.ts';

/** ID: who is who (RFC 2971 §3.1). */
export const id: CommandHandler<IdCommand> = {
  name: 'ID',
  async run({ session, logger, peer, id: own }, { parameters }) {
    if (parameters) logger.debug('client', { connection: peer.id, ...Object.fromEntries(parameters) });
    const fields = Object.entries(own).map(([name, value]) => `${formatString(name, false)} ${formatString(value, false)}`);
    session.untagged(fields.length > 0 ? `ID (${fields.join(' ')})` : 'ID NIL');
    return completed('ID');
  },
};
