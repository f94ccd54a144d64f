import { type CommandDefinition, type ImapCommand, selectedOnly } from '../command.ts';
import type { SequenceSet } from '../sequence-set.ts';

/** EXPUNGE, and UID EXPUNGE with its set (RFC 9051 §6.4.3, §6.4.9; RFC 4315 §2.1). */
export interface ExpungeCommand extends ImapCommand {
  readonly name: 'EXPUNGE';
  /** Uids; absent for EXPUNGE without UID. */
  readonly set?: SequenceSet;
}

/** EXPUNGE. */
export const expunge: CommandDefinition<ExpungeCommand> = {
  name: 'EXPUNGE',
  states: selectedOnly,
  uid: 'too',
  parse(cursor, { uid }) {
    if (!uid) return { name: 'EXPUNGE' };
    cursor.space();
    return { name: 'EXPUNGE', set: cursor.sequenceSet() };
  },
};
