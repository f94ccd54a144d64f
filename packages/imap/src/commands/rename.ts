import { afterLogin, type CommandDefinition, type ImapCommand } from '../command.ts';

/** RENAME (RFC 9051 §6.3.6). */
export interface RenameCommand extends ImapCommand {
  readonly name: 'RENAME';
  readonly from: string;
  readonly to: string;
}

/** RENAME. */
export const rename: CommandDefinition<RenameCommand> = {
  name: 'RENAME',
  states: afterLogin,
  parse(cursor) {
    cursor.space();
    const from = cursor.mailbox();
    cursor.space();
    return { name: 'RENAME', from, to: cursor.mailbox() };
  },
};
