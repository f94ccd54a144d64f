import { type CommandDefinition, type ImapCommand, selectedOnly } from '../command.ts';
import type { CommandCursor } from '../command-cursor.ts';
import type { FetchItem } from '../fetch-item.ts';
import { parseFetchItems } from '../fetch-items/table.ts';
import type { SequenceSet } from '../sequence-set.ts';

/** FETCH and UID FETCH (RFC 9051 §6.4.5). */
export interface FetchCommand extends ImapCommand {
  readonly name: 'FETCH';
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly items: readonly FetchItem[];
  /** Only messages changed after this mod-sequence (RFC 7162 §3.1.4.1). */
  readonly changedSince?: number;
  /** Also tell which are gone since (RFC 7162 §3.2.6). */
  readonly vanished?: true;
}

function parseModifier(cursor: CommandCursor): Partial<FetchCommand> {
  const name = cursor.keyword();
  if (name === 'VANISHED') return { vanished: true };
  if (name !== 'CHANGEDSINCE') cursor.fail('there is no such modifier');
  cursor.space();
  return { changedSince: cursor.number64() };
}

/** FETCH. */
export const fetch: CommandDefinition<FetchCommand> = {
  name: 'FETCH',
  states: selectedOnly,
  uid: 'too',
  parse(cursor, { uid }) {
    cursor.space();
    const set = cursor.sequenceSet();
    cursor.space();
    const items = parseFetchItems(cursor);
    if (!cursor.take(' ')) return { name: 'FETCH', uid, set, items };
    const modifiers = cursor.list(() => parseModifier(cursor));
    const command = Object.assign({ name: 'FETCH', uid, set, items }, ...modifiers) as FetchCommand;
    // RFC 7162 §3.2.6: VANISHED goes with UID FETCH and CHANGEDSINCE only
    if (command.vanished && (!uid || command.changedSince === undefined)) cursor.fail('VANISHED needs UID FETCH and CHANGEDSINCE');
    return command;
  },
};
