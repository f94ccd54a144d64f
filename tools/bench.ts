// Runs the benchmarks of packages and apps one after the other: `pnpm bench [filter ...]`, where a filter is a part of the
// path, e.g. `dkim`. Each is a program of its own, so that none is slowed down by what another left behind.
// The rows are collected in .cache/bench.tsv.
import { spawn } from 'node:child_process';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { repository } from './workspace.ts';

/** Runs a script, its lines passed on as they come; returns them. */
function runScript(file: string): Promise<{ readonly lines: readonly string[]; readonly ok: boolean }> {
  return new Promise((resolve) => {
    const options = ['--conditions=@mox/source', '--disable-warning=ExperimentalWarning', '--expose-gc', file];
    const child = spawn(process.execPath, options, { cwd: repository, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('close', (code) => resolve({ lines: output.trimEnd().split('\n'), ok: code === 0 }));
  });
}

const filters = process.argv.slice(2);
const scripts = globSync('{packages,apps}/*/bench/*.bench.ts', { cwd: repository })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .toSorted();
if (scripts.length === 0) {
  console.error(`bench: no benchmark matches ${filters.join(' ')}`);
  process.exit(2);
}
console.log(
  `node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model ?? 'processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
);
const rows: string[] = [];
for (const script of scripts) {
  console.log(`\n== ${script}`);
  const { lines, ok } = await runScript(script);
  rows.push(...lines.filter((line) => line.includes(' | ')).map((line) => [script, ...line.split(' | ')].join('\t')));
  if (!ok) {
    console.error(`bench: ${script} failed`);
    process.exitCode = 1;
  }
}
mkdirSync(join(repository, '.cache'), { recursive: true });
writeFileSync(join(repository, '.cache/bench.tsv'), `${rows.join('\n')}\n`);
console.log(`\nbench: ${rows.length} rows of ${scripts.length} scripts in .cache/bench.tsv`);
