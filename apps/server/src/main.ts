#!/usr/bin/env node
import './require-node.ts';
import { runCommandLine } from './cli/run.ts';
import { commands } from './commands/index.ts';

const words = process.argv.slice(2);
// Who reads the output may have seen enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`mox: the output cannot be written: ${error.message}\n  remedy: make room where it goes\n`);
  process.exit(2);
});
// The server's own commands start without loading what the others need.
const isOwn = commands.some(({ name }) => name.split(' ')[0] === words[0]);
const all = isOwn ? commands : [...commands, ...(await import('./commands/protocol/index.ts')).protocolCommands];

process.exitCode = await runCommandLine(all, words, {
  out: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
});
