import { beforeLogin, type CommandDefinition, type ImapCommand } from '../command.ts';

/** AUTHENTICATE (RFC 9051 §6.2.2). */
export interface AuthenticateCommand extends ImapCommand {
  readonly name: 'AUTHENTICATE';
  /** Name in upper case. */
  readonly mechanism: string;
  /** Initial response in base64, `=` for an empty one (RFC 4959 §3). */
  readonly initialResponse?: string;
}

/** AUTHENTICATE. */
export const authenticate: CommandDefinition<AuthenticateCommand> = {
  name: 'AUTHENTICATE',
  states: beforeLogin,
  capabilities: ['SASL-IR'],
  parse(cursor) {
    cursor.space();
    const mechanism = cursor.keyword();
    if (!cursor.take(' ')) return { name: 'AUTHENTICATE', mechanism };
    return { name: 'AUTHENTICATE', mechanism, initialResponse: cursor.atom() };
  },
};
