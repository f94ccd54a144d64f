import { afterLogin, anyState, type CommandDefinition, type ImapCommand, type ImapState, selectedOnly } from '../command.ts';

/** A command without arguments. */
export interface SimpleCommand extends ImapCommand {
  readonly name: 'CAPABILITY' | 'NOOP' | 'LOGOUT' | 'NAMESPACE' | 'IDLE' | 'CHECK' | 'CLOSE' | 'UNSELECT';
}

/* @__NO_SIDE_EFFECTS__ */
function simple(
  name: SimpleCommand['name'],
  states: readonly ImapState[],
  capabilities: readonly string[] = [],
): CommandDefinition<SimpleCommand> {
  return { name, states, capabilities, parse: () => ({ name }) };
}

/** CAPABILITY (RFC 9051 §6.1.1). */
export const capability: CommandDefinition<SimpleCommand> = simple('CAPABILITY', anyState);
/** NOOP (RFC 9051 §6.1.2). */
export const noop: CommandDefinition<SimpleCommand> = simple('NOOP', anyState);
/** LOGOUT (RFC 9051 §6.1.3). */
export const logout: CommandDefinition<SimpleCommand> = simple('LOGOUT', anyState);
/** NAMESPACE (RFC 9051 §6.3.10, RFC 2342 §5). */
export const namespace: CommandDefinition<SimpleCommand> = simple('NAMESPACE', afterLogin, ['NAMESPACE']);
/** IDLE (RFC 9051 §6.3.13, RFC 2177 §3). */
export const idle: CommandDefinition<SimpleCommand> = simple('IDLE', afterLogin, ['IDLE']);
/** CHECK (RFC 3501 §6.4.1). */
export const check: CommandDefinition<SimpleCommand> = simple('CHECK', selectedOnly);
/** CLOSE (RFC 9051 §6.4.1). */
export const close: CommandDefinition<SimpleCommand> = simple('CLOSE', selectedOnly);
/** UNSELECT (RFC 9051 §6.4.2, RFC 3691 §2). */
export const unselect: CommandDefinition<SimpleCommand> = simple('UNSELECT', selectedOnly, ['UNSELECT']);
