import { afterLogin, type CommandDefinition, type ImapCommand } from '../command.ts';

/** ENABLE (RFC 9051 §6.3.1, RFC 5161 §3.1). */
export interface EnableCommand extends ImapCommand {
  readonly name: 'ENABLE';
  /** In upper case. */
  readonly capabilities: readonly string[];
}

/** ENABLE. */
export const enable: CommandDefinition<EnableCommand> = {
  name: 'ENABLE',
  states: afterLogin,
  capabilities: ['ENABLE'],
  parse(cursor) {
    const capabilities: string[] = [];
    do {
      cursor.space();
      capabilities.push(cursor.keyword());
    } while (!cursor.done);
    return { name: 'ENABLE', capabilities };
  },
};
