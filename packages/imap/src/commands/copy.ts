import { type CommandDefinition, type ImapCommand, selectedOnly } from '../command.ts';
import type { SequenceSet } from '../sequence-set.ts';

/** COPY and MOVE, with or without UID (RFC 9051 §6.4.7, §6.4.8). */
export interface CopyCommand extends ImapCommand {
  readonly name: 'COPY' | 'MOVE';
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly mailbox: string;
}

/* @__NO_SIDE_EFFECTS__ */
function definition(name: CopyCommand['name'], capabilities: readonly string[]): CommandDefinition<CopyCommand> {
  return {
    name,
    states: selectedOnly,
    uid: 'too',
    capabilities,
    parse(cursor, { uid }) {
      cursor.space();
      const set = cursor.sequenceSet();
      cursor.space();
      return { name, uid, set, mailbox: cursor.mailbox() };
    },
  };
}

/** COPY. */
export const copy: CommandDefinition<CopyCommand> = definition('COPY', ['UIDPLUS']);
/** MOVE (RFC 6851). */
export const move: CommandDefinition<CopyCommand> = definition('MOVE', ['MOVE']);
