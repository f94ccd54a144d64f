import type { ImapCommand, TaggedReply } from '@mox/imap';
import type { ImapConnection } from './imap-connection.ts';

/** One row of the table of commands: what a command does to the store. */
export interface CommandHandler<Command extends ImapCommand = ImapCommand> {
  /** Verb, as in the table of @mox/imap. */
  readonly name: Command['name'];
  /** Does the command: writes untagged responses, gives the tagged one. What it throws is told as a fault. */
  run(connection: ImapConnection, command: Command): Promise<TaggedReply>;
  /**
   * Which changes of the mailbox may be told before the tagged response (RFC 9051 §7.5.1). Absent: `all`. `numbers-stay`: no
   * message may go; `nothing`: the mailbox was just opened or left.
   */
  tells?(command: Command): 'all' | 'numbers-stay' | 'nothing';
}
