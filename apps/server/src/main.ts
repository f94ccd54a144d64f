#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Compiled code is kept between runs, in a folder of this user alone: starting takes half the time.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'mox', 'compiled'));

const [{ runCommandLine }, { commands }] = await Promise.all([import('./cli/run.ts'), import('./commands/index.ts')]);

process.exitCode = await runCommandLine(commands, process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
});
