// The checked-in public surface of each package, packages/<name>/api.txt. `node tools/api.ts [--write] [name ...]`.
// Without --write it prints how the surface differs from what is checked in, and fails where it does.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatSurface } from './api-surface.ts';
import { type Package, readIfThere, readWorkspace, repository } from './workspace.ts';

/** Declaration files of a package's entry points, by entry. */
function declarationEntries(pkg: Package): Map<string, string> {
  const entries = new Map<string, string>();
  for (const [entry, conditions] of Object.entries(pkg.manifest.exports ?? {})) {
    const source = typeof conditions === 'string' ? undefined : conditions['@mox/source'];
    if (typeof source !== 'string') continue;
    entries.set(entry, join(repository, pkg.folder, source.replace('./src/', 'dist/').replace(/\.ts$/, '.d.ts')));
  }
  return entries;
}

/** The difference between two texts as `diff -u` prints it. */
function unifiedDiff(file: string, have: string, want: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'api-'));
  writeFileSync(join(folder, 'have'), have);
  writeFileSync(join(folder, 'want'), want);
  const labels = ['--label', `${file} (checked in)`, '--label', `${file} (now)`];
  const { stdout } = spawnSync('diff', ['-u', ...labels, join(folder, 'have'), join(folder, 'want')], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return stdout;
}

/** Compares or writes the surface of one package; returns the fault, if any. */
function settle(pkg: Package, write: boolean): string | undefined {
  const file = `${pkg.folder}/api.txt`;
  const surface = formatSurface(pkg.manifest.name, declarationEntries(pkg), (path) => readIfThere(path));
  const have = existsSync(join(repository, file)) ? readFileSync(join(repository, file), 'utf8') : '';
  if (have === surface) return undefined;
  if (write) {
    writeFileSync(join(repository, file), surface);
    console.log(`written: ${file}`);
    return undefined;
  }
  return unifiedDiff(file, have, surface);
}

/** Emits the declarations of packages. Type errors are not this tool's to report. */
function emitDeclarations(packages: readonly Package[]): void {
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  spawnSync(process.execPath, [tsc, '-b', '--emitDeclarationOnly', ...packages.map((pkg) => pkg.folder)], { cwd: repository });
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options: { write: { type: 'boolean' } }, allowPositionals: true });
  const wanted = positionals.map((name) => name.replace(/^packages\//, '').replace(/\/$/, ''));
  const packages = readWorkspace().filter(
    (pkg) => pkg.folder.startsWith('packages/') && (wanted.length === 0 || wanted.includes(pkg.folder.slice('packages/'.length))),
  );
  emitDeclarations(packages);
  const faults = packages.flatMap((pkg) => settle(pkg, values.write === true) ?? []);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) {
    console.error(`api: ${faults.length} public surfaces differ from api.txt; where that is meant: node tools/api.ts --write`);
    process.exitCode = 1;
  }
}
