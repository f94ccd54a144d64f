import { afterLogin, type CommandDefinition, type ImapCommand } from '../command.ts';
import type { CommandCursor } from '../command-cursor.ts';

/** STATUS (RFC 9051 §6.3.11). */
export interface StatusCommand extends ImapCommand {
  readonly name: 'STATUS';
  readonly mailbox: string;
  /** Names of items, in upper case. */
  readonly items: readonly string[];
}

/** Items of a STATUS command: names only; which there are is the server's to say. */
export function parseStatusItems(cursor: CommandCursor): readonly string[] {
  return cursor.list(() => cursor.keyword());
}

/** STATUS. */
export const status: CommandDefinition<StatusCommand> = {
  name: 'STATUS',
  states: afterLogin,
  capabilities: ['STATUS=SIZE'],
  parse(cursor) {
    cursor.space();
    const mailbox = cursor.mailbox();
    cursor.space();
    return { name: 'STATUS', mailbox, items: parseStatusItems(cursor) };
  },
};
