import { afterLogin, type CommandDefinition, type ImapCommand } from '../command.ts';
import type { CommandCursor } from '../command-cursor.ts';
import type { SequenceRange } from '../sequence-set.ts';

/** SELECT and EXAMINE (RFC 9051 §6.3.2, §6.3.3). */
export interface SelectCommand extends ImapCommand {
  readonly name: 'SELECT' | 'EXAMINE';
  readonly mailbox: string;
  /** CONDSTORE (RFC 7162 §3.1.8). */
  readonly condstore?: true;
  readonly qresync?: QresyncParameter;
}

/** QRESYNC (RFC 7162 §3.2.5): what the client knew last. */
export interface QresyncParameter {
  readonly uidValidity: number;
  readonly modseq: number;
  readonly knownUids?: readonly SequenceRange[];
  /** Sequence numbers and the uids that they stood for, ascending (RFC 7162 §3.2.5.2). */
  readonly match?: { readonly numbers: readonly SequenceRange[]; readonly uids: readonly SequenceRange[] };
}

function knownSet(cursor: CommandCursor): readonly SequenceRange[] {
  const set = cursor.sequenceSet();
  if (set.type === 'saved' || set.ranges.some((range) => range.includes(0))) return cursor.fail('only numbers are allowed here');
  return set.ranges;
}

function parseQresync(cursor: CommandCursor): QresyncParameter {
  cursor.space();
  cursor.expect('(');
  const uidValidity = cursor.nzNumber();
  cursor.space();
  const modseq = cursor.number64();
  const known = cursor.take(' ') && cursor.peek() !== 40 ? knownSet(cursor) : undefined;
  let match: QresyncParameter['match'];
  if (cursor.peek() === 40 || cursor.take(' ')) {
    cursor.expect('(');
    const numbers = knownSet(cursor);
    cursor.space();
    match = { numbers, uids: knownSet(cursor) };
    cursor.expect(')');
  }
  cursor.expect(')');
  return { uidValidity, modseq, ...(known ? { knownUids: known } : {}), ...(match ? { match } : {}) };
}

function parseParameter(cursor: CommandCursor): Partial<SelectCommand> {
  const name = cursor.keyword();
  if (name === 'CONDSTORE') return { condstore: true };
  if (name === 'QRESYNC') return { qresync: parseQresync(cursor) };
  return cursor.fail('there is no such parameter');
}

/* @__NO_SIDE_EFFECTS__ */
function definition(name: SelectCommand['name'], capabilities: readonly string[]): CommandDefinition<SelectCommand> {
  return {
    name,
    states: afterLogin,
    capabilities,
    parse(cursor) {
      cursor.space();
      const mailbox = cursor.mailbox();
      const parameters = cursor.take(' ') ? cursor.list(() => parseParameter(cursor)) : [];
      return Object.assign({ name, mailbox }, ...parameters) as SelectCommand;
    },
  };
}

/** SELECT. */
export const select: CommandDefinition<SelectCommand> = definition('SELECT', ['QRESYNC']);
/** EXAMINE. */
export const examine: CommandDefinition<SelectCommand> = definition('EXAMINE', []);
