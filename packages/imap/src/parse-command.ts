import { isTagChar } from './chars.ts';
import type { CommandDefinition, ImapCommand, ImapState } from './command.ts';
import { CommandCursor, CommandProblem, type ParseOptions } from './command-cursor.ts';
import { commandByName } from './commands/table.ts';
import { defaultImapLimits } from './limits.ts';

/** A command, or why it is BAD. The tag is `*` where none could be read: the reply is then untagged. */
export type ParsedCommand =
  | { readonly ok: true; readonly tag: string; readonly command: ImapCommand }
  | { readonly ok: false; readonly tag: string; readonly text: string; readonly offset: number };

/** What `parseCommand` is told of the session; all of it has defaults. */
export interface ParseCommandOptions extends Partial<ParseOptions> {
  /** State that the command must be allowed in. Absent: any will do. */
  readonly state?: ImapState;
  /** Whether the text ends with the announcement of an APPEND's message, which is not part of it. Otherwise APPEND is refused. */
  readonly announcesMessage?: boolean;
}

/** The tag at the start of a command, or undefined where there is none (RFC 9051 §2.2.1). */
export function readTag(text: string): string | undefined {
  let at = 0;
  while (at < text.length && isTagChar(text.charCodeAt(at))) at++;
  return at > 0 && text[at] === ' ' ? text.slice(0, at) : undefined;
}

function definitionFor(cursor: CommandCursor): { definition: CommandDefinition; uid: boolean } {
  const start = cursor.at;
  let verb = cursor.keyword();
  const uid = verb === 'UID';
  if (uid) {
    cursor.space();
    verb = cursor.keyword();
  }
  const definition = commandByName.get(verb);
  if (!definition || (uid && definition.uid === undefined) || (!uid && definition.uid === 'only')) {
    cursor.at = start;
    cursor.fail('this command is not known');
  }
  return { definition, uid };
}

function parseAfterTag(cursor: CommandCursor, options: ParseCommandOptions): ImapCommand {
  const { definition, uid } = definitionFor(cursor);
  if (options.state && !definition.states.includes(options.state))
    cursor.fail(`this command is not allowed in the state "${options.state}"`);
  const command = definition.parse(cursor, { uid });
  // Only now: what is wrong before the message is the better reason.
  if (definition.name === 'APPEND' && !options.announcesMessage) cursor.fail('APPEND needs a literal');
  cursor.end();
  return command;
}

function refusal(tag: string, error: unknown): ParsedCommand {
  if (!(error instanceof CommandProblem)) throw error;
  return { ok: false, tag, text: error.message, offset: error.offset };
}

/**
 * Parses one whole command: its line without the last CRLF, literals in place behind their `{n}` and CRLF, one character
 * for each byte (RFC 9051 §9). Never throws for bad input.
 */
export function parseCommand(text: string, options: ParseCommandOptions = {}): ParsedCommand {
  const tag = readTag(text);
  if (tag === undefined) return { ok: false, tag: '*', text: 'a tag and a command are missing', offset: 0 };
  if (text.includes('\0')) return { ok: false, tag, text: 'NUL is not allowed in a command', offset: text.indexOf('\0') };
  const { utf8 = false, nesting = defaultImapLimits.nesting } = options;
  const cursor = new CommandCursor(text, { utf8, nesting }, tag.length + 1);
  try {
    return { ok: true, tag, command: parseAfterTag(cursor, options) };
  } catch (error) {
    return refusal(tag, error);
  }
}
