import { type CommandDefinition, type ImapCommand, selectedOnly } from '../command.ts';
import type { CommandCursor } from '../command-cursor.ts';
import { recentFlag } from '../flag.ts';
import type { SequenceSet } from '../sequence-set.ts';

/** STORE and UID STORE (RFC 9051 §6.4.6). */
export interface StoreCommand extends ImapCommand {
  readonly name: 'STORE';
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly mode: 'replace' | 'add' | 'remove';
  readonly silent: boolean;
  readonly flags: readonly string[];
  /** UNCHANGEDSINCE (RFC 7162 §3.1.3). */
  readonly unchangedSince?: number;
}

function parseUnchangedSince(cursor: CommandCursor): number {
  if (cursor.keyword() !== 'UNCHANGEDSINCE') cursor.fail('UNCHANGEDSINCE is the only modifier of STORE');
  cursor.space();
  return cursor.number64();
}

function parseFlags(cursor: CommandCursor): readonly string[] {
  const flag = (): string => {
    const start = cursor.at;
    const one = cursor.flag();
    if (one !== recentFlag) return one;
    cursor.at = start;
    return cursor.fail('only a server sets \\Recent');
  };
  if (cursor.peek() === 40) return cursor.list(flag, { empty: true });
  const flags = [flag()];
  while (cursor.take(' ')) flags.push(flag());
  return flags;
}

/** STORE. */
export const store: CommandDefinition<StoreCommand> = {
  name: 'STORE',
  states: selectedOnly,
  uid: 'too',
  parse(cursor, { uid }) {
    cursor.space();
    const set = cursor.sequenceSet();
    cursor.space();
    const modifiers = cursor.peek() === 40 ? cursor.list(() => parseUnchangedSince(cursor)) : [];
    if (modifiers.length > 0) cursor.space();
    const mode = cursor.take('+') ? 'add' : cursor.take('-') ? 'remove' : 'replace';
    const item = cursor.itemName();
    if (item !== 'FLAGS' && item !== 'FLAGS.SILENT') cursor.fail('only FLAGS can be stored');
    cursor.space();
    const [unchangedSince] = modifiers;
    const flags = parseFlags(cursor);
    const modifier = unchangedSince === undefined ? {} : { unchangedSince };
    return { name: 'STORE', uid, set, mode, silent: item === 'FLAGS.SILENT', flags, ...modifier };
  },
};
