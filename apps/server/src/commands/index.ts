import type { Command } from '../cli/command.ts';
import { accountAddCommand, accountListCommand, accountPasswordCommand } from './account.ts';
import { configCheckCommand } from './config.ts';
import { localserveCommand } from './localserve.ts';
import { versionCommand } from './version.ts';
import { whyCommand } from './why.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  localserveCommand,
  whyCommand,
  accountListCommand,
  accountAddCommand,
  accountPasswordCommand,
  configCheckCommand,
  versionCommand,
];
