import { afterLogin, type CommandDefinition, type ImapCommand } from '../command.ts';
import type { CommandCursor } from '../command-cursor.ts';
import { parseStatusItems } from './status.ts';

/** LIST, with the options of RFC 5258, RFC 5819 and RFC 6154, and LSUB (RFC 9051 §6.3.9, RFC 3501 §6.3.9). */
export interface ListCommand extends ImapCommand {
  readonly name: 'LIST' | 'LSUB';
  readonly reference: string;
  readonly patterns: readonly string[];
  /** Selection options, in upper case: SUBSCRIBED, REMOTE, RECURSIVEMATCH, SPECIAL-USE. */
  readonly select: readonly string[];
  /** Return options, in upper case: SUBSCRIBED, CHILDREN, SPECIAL-USE. */
  readonly returns: readonly string[];
  /** Items of the STATUS return option (RFC 5819 §2). */
  readonly status?: readonly string[];
  /** Whether the command was written in a way that only RFC 5258 knows. */
  readonly extended: boolean;
}

const selectionOptions = new Set(['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE']);
const returnOptions = new Set(['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE', 'STATUS']);

function parseSelection(cursor: CommandCursor): readonly string[] {
  const options = cursor.list(() => cursor.keyword(), { empty: true });
  if (options.some((option) => !selectionOptions.has(option))) cursor.fail('there is no such selection option');
  const alone = options.every((option) => option === 'RECURSIVEMATCH' || option === 'REMOTE');
  // RFC 5258 §3.1: RECURSIVEMATCH needs an option to match by
  if (options.includes('RECURSIVEMATCH') && alone) cursor.fail('RECURSIVEMATCH needs another selection option');
  return options;
}

function parseReturns(cursor: CommandCursor): { returns: readonly string[]; status?: readonly string[] } {
  if (!cursor.takeKeyword('RETURN')) cursor.fail('RETURN is missing');
  cursor.space();
  let status: readonly string[] | undefined;
  const options = cursor.list(
    () => {
      const option = cursor.keyword();
      if (!returnOptions.has(option)) cursor.fail('there is no such return option');
      if (option === 'STATUS') {
        cursor.space();
        status = parseStatusItems(cursor);
      }
      return option;
    },
    { empty: true },
  );
  return { returns: options.filter((option) => option !== 'STATUS'), ...(status ? { status } : {}) };
}

function parseList(cursor: CommandCursor): ListCommand {
  cursor.space();
  const selects = cursor.peek() === 40;
  const select = selects ? parseSelection(cursor) : [];
  if (selects) cursor.space();
  const reference = cursor.mailbox();
  cursor.space();
  const several = cursor.peek() === 40;
  const patterns = several ? cursor.list(() => cursor.listMailbox()) : [cursor.listMailbox()];
  const hasReturns = cursor.take(' ');
  const returns = hasReturns ? parseReturns(cursor) : { returns: [] };
  return { name: 'LIST', reference, patterns, select, ...returns, extended: selects || several || hasReturns };
}

/** LIST. */
export const list: CommandDefinition<ListCommand> = {
  name: 'LIST',
  states: afterLogin,
  capabilities: ['LIST-EXTENDED', 'LIST-STATUS', 'SPECIAL-USE', 'CHILDREN'],
  parse: parseList,
};

/** LSUB (RFC 3501 §6.3.9). */
export const lsub: CommandDefinition<ListCommand> = {
  name: 'LSUB',
  states: afterLogin,
  parse(cursor) {
    cursor.space();
    const reference = cursor.mailbox();
    cursor.space();
    return { name: 'LSUB', reference, patterns: [cursor.listMailbox()], select: [], returns: [], extended: false };
  },
};
