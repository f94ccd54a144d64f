import { beforeLogin, type CommandDefinition, type ImapCommand } from '../command.ts';

/** STARTTLS (RFC 9051 §6.2.1). */
export interface StarttlsCommand extends ImapCommand {
  readonly name: 'STARTTLS';
}

/** STARTTLS. */
export const starttls: CommandDefinition<StarttlsCommand> = { name: 'STARTTLS', states: beforeLogin, parse: () => ({ name: 'STARTTLS' }) };
