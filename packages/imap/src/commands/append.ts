import { afterLogin, type CommandDefinition, type ImapCommand } from '../command.ts';
import type { CommandCursor } from '../command-cursor.ts';

/** APPEND up to its first message (RFC 9051 §6.3.12). The messages themselves come as events of the session. */
export interface AppendCommand extends ImapCommand {
  readonly name: 'APPEND';
  readonly mailbox: string;
  readonly message: AppendMessage;
}

/** What stands before a message in APPEND. */
export interface AppendMessage {
  readonly flags: readonly string[];
  /** INTERNALDATE to keep, in milliseconds. */
  readonly receivedAt?: number;
  readonly sizeBytes: number;
  /** The client sends the message without waiting (RFC 7888 §4). */
  readonly nonSynchronizing: boolean;
  /** The message came as a literal8 (RFC 6855 §4, RFC 3516 §4.4). */
  readonly literal8: boolean;
  /** The literal stands in `UTF8 (…)`, whose parenthesis follows the message (RFC 6855 §4). */
  readonly utf8: boolean;
}

/** Flags, date and the announcement of a literal, which must end the text. Also what stands before each further message of RFC 3502. */
export function parseAppendMessage(cursor: CommandCursor): AppendMessage {
  cursor.space();
  const flags = cursor.peek() === 40 ? cursor.flagList() : [];
  if (cursor.text[cursor.at - 1] === ')') cursor.space();
  const receivedAt = cursor.peek() === 34 ? cursor.dateTime() : undefined;
  if (receivedAt !== undefined) cursor.space();
  const utf8 = cursor.takeKeyword('UTF8');
  if (utf8) {
    cursor.space();
    cursor.expect('(');
  }
  const literal8 = cursor.take('~');
  cursor.expect('{');
  const sizeBytes = cursor.number64();
  const nonSynchronizing = cursor.take('+');
  cursor.expect('}');
  return { flags, ...(receivedAt === undefined ? {} : { receivedAt }), sizeBytes, nonSynchronizing, literal8, utf8 };
}

/** APPEND: parsed when the line that announces its first message is there. */
export const append: CommandDefinition<AppendCommand> = {
  name: 'APPEND',
  states: afterLogin,
  capabilities: ['MULTIAPPEND'],
  parse(cursor) {
    cursor.space();
    const mailbox = cursor.mailbox();
    return { name: 'APPEND', mailbox, message: parseAppendMessage(cursor) };
  },
};
