import { anyState, type CommandDefinition, type ImapCommand } from '../command.ts';
import { type CommandCursor, decodeText } from '../command-cursor.ts';

/** ID (RFC 2971 §3.1). */
export interface IdCommand extends ImapCommand {
  readonly name: 'ID';
  /** Fields and values; null for NIL. */
  readonly parameters: ReadonlyMap<string, string | null> | null;
}

/** More fields than this are an error (RFC 2971 §3.3). */
const maximumFields = 30;

function parseParameters(cursor: CommandCursor): ReadonlyMap<string, string | null> | null {
  if (cursor.takeKeyword('NIL')) return null;
  const parameters = new Map<string, string | null>();
  cursor.expect('(');
  while (!cursor.take(')')) {
    if (parameters.size > 0) cursor.space();
    if (parameters.size === maximumFields) cursor.fail('there are too many fields');
    const field = cursor.string().toLowerCase();
    cursor.space();
    const value = cursor.nstring();
    parameters.set(field, value === null ? null : decodeText(value));
  }
  return parameters;
}

/** ID. */
export const id: CommandDefinition<IdCommand> = {
  name: 'ID',
  states: anyState,
  capabilities: ['ID'],
  parse(cursor) {
    cursor.space();
    return { name: 'ID', parameters: parseParameters(cursor) };
  },
};
