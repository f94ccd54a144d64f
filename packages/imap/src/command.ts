import type { CommandCursor } from './command-cursor.ts';

/** States of a connection (RFC 9051 §3). */
export type ImapState = 'not-authenticated' | 'authenticated' | 'selected' | 'logout';

/** A command as parsed: what all have in common. Plain data. */
export interface ImapCommand {
  /** Verb in upper case, without UID. */
  readonly name: string;
}

/** One row of the command table: a verb, where it is allowed, and how its arguments are read. */
export interface CommandDefinition<Command extends ImapCommand = ImapCommand> {
  readonly name: string;
  readonly states: readonly ImapState[];
  /** Whether the verb may, or must, stand behind UID (RFC 9051 §6.4.9). Absent: it may not. */
  readonly uid?: 'too' | 'only';
  /** Capabilities to announce because the verb is there. */
  readonly capabilities?: readonly string[];
  /** Reads what stands behind the verb, from the space on, and leaves the cursor behind it. Throws `CommandProblem`. */
  parse(cursor: CommandCursor, form: CommandForm): Command;
}

/** How the verb was written. */
export interface CommandForm {
  /** Whether UID stood before the verb: numbers are unique identifiers. */
  readonly uid: boolean;
}

/** Any state before LOGOUT. */
export const anyState: readonly ImapState[] = ['not-authenticated', 'authenticated', 'selected'];
/** Before login. */
export const beforeLogin: readonly ImapState[] = ['not-authenticated'];
/** After login, with or without a mailbox. */
export const afterLogin: readonly ImapState[] = ['authenticated', 'selected'];
/** With a mailbox. */
export const selectedOnly: readonly ImapState[] = ['selected'];
