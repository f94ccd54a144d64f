import { afterLogin, type CommandDefinition, type ImapCommand } from '../command.ts';

/** DELETE, SUBSCRIBE, UNSUBSCRIBE (RFC 9051 §6.3.5, §6.3.7, §6.3.8). */
export interface MailboxCommand extends ImapCommand {
  readonly name: 'DELETE' | 'SUBSCRIBE' | 'UNSUBSCRIBE';
  readonly mailbox: string;
}

/* @__NO_SIDE_EFFECTS__ */
function definition(name: MailboxCommand['name']): CommandDefinition<MailboxCommand> {
  return {
    name,
    states: afterLogin,
    parse(cursor) {
      cursor.space();
      return { name, mailbox: cursor.mailbox() };
    },
  };
}

/** DELETE. */
export const deleteMailbox: CommandDefinition<MailboxCommand> = definition('DELETE');
/** SUBSCRIBE. */
export const subscribe: CommandDefinition<MailboxCommand> = definition('SUBSCRIBE');
/** UNSUBSCRIBE. */
export const unsubscribe: CommandDefinition<MailboxCommand> = definition('UNSUBSCRIBE');
