import { afterLogin, type CommandDefinition, type ImapCommand } from '../command.ts';
import type { CommandCursor } from '../command-cursor.ts';

/** CREATE (RFC 9051 §6.3.4), with what the mailbox is for (RFC 6154 §3). */
export interface CreateCommand extends ImapCommand {
  readonly name: 'CREATE';
  readonly mailbox: string;
  /** Attributes such as `\Sent`, as written. */
  readonly specialUse?: readonly string[];
}

function parseUse(cursor: CommandCursor): readonly string[] {
  if (cursor.keyword() !== 'USE') cursor.fail('USE is the only parameter of CREATE');
  cursor.space();
  return cursor.list(
    () => {
      cursor.expect('\\');
      return `\\${cursor.atom()}`;
    },
    { empty: true },
  );
}

/** CREATE. */
export const create: CommandDefinition<CreateCommand> = {
  name: 'CREATE',
  states: afterLogin,
  capabilities: ['CREATE-SPECIAL-USE'],
  parse(cursor) {
    cursor.space();
    const mailbox = cursor.mailbox();
    if (!cursor.take(' ')) return { name: 'CREATE', mailbox };
    return { name: 'CREATE', mailbox, specialUse: cursor.list(() => parseUse(cursor)).flat() };
  },
};
