import type { SimpleCommand } from '@mox/imap';
import type { CommandHandler } from '../handler.ts';
import { completed } from '../imap-connection.ts';

/** NOOP: tells what changed (RFC 9051 §6.1.2). */
export const noop: CommandHandler<SimpleCommand> = { name: 'NOOP', run: async () => completed('NOOP') };

/** CHECK: as NOOP; everything is on disk already (RFC 3501 §6.4.1). */
export const check: CommandHandler<SimpleCommand> = { name: 'CHECK', run: async () => completed('CHECK') };
