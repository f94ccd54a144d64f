import { Secret } from '@mox/runtime';
import { beforeLogin, type CommandDefinition, type ImapCommand } from '../command.ts';

/** LOGIN (RFC 9051 §6.2.3). */
export interface LoginCommand extends ImapCommand {
  readonly name: 'LOGIN';
  readonly user: string;
  readonly password: Secret;
}

/** LOGIN. */
export const login: CommandDefinition<LoginCommand> = {
  name: 'LOGIN',
  states: beforeLogin,
  parse(cursor) {
    cursor.space();
    const user = cursor.textAstring();
    cursor.space();
    return { name: 'LOGIN', user, password: new Secret(cursor.textAstring()) };
  },
};
