#!/usr/bin/env node
import { runCommandLine } from './cli/run.ts';
import { commands } from './commands/index.ts';

process.exitCode = await runCommandLine(commands, process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
});
