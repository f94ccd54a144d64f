// Proves that each package works alone, as its users get it. Packs them all, installs the tarballs in an empty project
// outside the workspace and, there: imports every entry as an ES module, by require and from TypeScript (module
// resolution `nodenext` and `bundler`), runs publint and are-the-types-wrong, measures what single imports cost in a bundle,
// bundles the packages below layer 4 for the browser and loads them in Chromium, where the examples of their READMEs must run as well.
// `node tools/pack-test.ts [--keep] [name ...]`. Without Chromium its part is skipped, in CI that is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { browserFaults } from './pack-browser.ts';
import { type Consumer, installedFaults, tarballFaults } from './pack-lint.ts';
import { sizeFaults } from './pack-sizes.ts';
import { type Package, readWorkspace, repository } from './workspace.ts';

const { values, positionals } = parseArgs({ options: { keep: { type: 'boolean' } }, allowPositionals: true });
const workspace = readWorkspace().filter((pkg) => pkg.folder.startsWith('packages/') && !pkg.manifest.private);
const packages = workspace.filter((pkg) => positionals.length === 0 || positionals.includes(pkg.folder.slice('packages/'.length)));
const faults: string[] = [];
let passed = 0;

function run(command: string, args: readonly string[], cwd: string): { readonly ok: boolean; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 });
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.trim() };
}

/** One step: its faults are printed at once, with the time it took. */
async function step(title: string, work: () => string[] | Promise<string[]>): Promise<boolean> {
  const started = performance.now();
  const found = await work();
  console.log(`pack-test: ${found.length === 0 ? 'ok  ' : 'FAIL'} ${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  for (const fault of found) console.error(`  ${fault.replaceAll('\n', '\n    ')}`);
  faults.push(...found);
  if (found.length === 0) passed++;
  return found.length === 0;
}

function oneFault(title: string, result: { readonly ok: boolean; readonly output: string }): string[] {
  return result.ok ? [] : [`${title}:\n${result.output.slice(-4000)}`];
}

/** Entry points by the names under which users import them: `@mox/dns/testing`. */
function entriesOf(pkg: Package): string[] {
  return Object.keys(pkg.manifest.exports ?? {})
    .filter((entry) => entry !== './package.json')
    .map((entry) => `${pkg.manifest.name}${entry.slice(1)}`);
}

/** As `entriesOf`, without the programs of worker threads. */
function importableEntries(pkg: Package): string[] {
  const workers = (pkg.manifest.mox?.workers ?? []).map((entry) => `${pkg.manifest.name}${entry.slice(1)}`);
  return entriesOf(pkg).filter((entry) => !workers.includes(entry));
}

function packAll(folder: string): string[] {
  const filters = workspace.flatMap((pkg) => ['--filter', `./${pkg.folder}`]);
  return oneFault('pnpm pack', run('pnpm', ['-r', ...filters, 'pack', '--pack-destination', folder], repository));
}

function install(consumer: Consumer): string[] {
  const files = Object.fromEntries([...consumer.tarballs].map(([name, file]) => [name, `file:${file}`]));
  const dependencies = Object.fromEntries(packages.map(({ manifest: { name } }) => [name, files[name]]));
  const manifest = { name: 'consumer', private: true, dependencies, overrides: files };
  writeFileSync(join(consumer.folder, 'package.json'), JSON.stringify(manifest, undefined, 2));
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  return oneFault('npm install', run('npm', ['install', ...options], consumer.folder));
}

/** Imports each entry both ways, in a process of its own, and compares the names that come. */
function importAll(consumer: Consumer): string[] {
  const script = `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
for (const entry of ${JSON.stringify(packages.flatMap(importableEntries))}) {
  try {
    const [esm, cjs] = [await import(entry), require(entry)];
    const names = (one) => Object.keys(one).filter((name) => name !== 'default' && name !== 'module.exports').sort().join();
    if (names(esm) !== names(cjs)) console.log(entry + ': import gives ' + names(esm) + ', require gives ' + names(cjs));
  } catch (error) {
    console.log(entry + ': ' + error.stack);
  }
}`;
  writeFileSync(join(consumer.folder, 'import-all.mjs'), script);
  const { ok, output } = run(process.execPath, ['import-all.mjs'], consumer.folder);
  return ok && output === '' ? [] : [output || 'import-all.mjs failed'];
}

/** The oldest Node that the packages promise to work on. */
const oldestNode = '22.15.0';

/** Imports each entry on the oldest Node. */
function importOnOldestNode(consumer: Consumer): string[] {
  const node = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}@${oldestNode}`;
  const script = 'node --version && node --disable-warning=ExperimentalWarning import-all.mjs';
  const { ok, output } = run('npm', ['exec', '--yes', '--loglevel=error', `--package=${node}`, '--call', script], consumer.folder);
  return ok && output === `v${oldestNode}` ? [] : [output || 'import-all.mjs failed'];
}

/** Compiles programs that use each entry's types, by both ways of resolution, with the libraries' declarations checked. */
function typeCheckAll(consumer: Consumer): string[] {
  const names = packages.flatMap(entriesOf);
  const imports = names
    .map((name, i) => `import * as m${i} from '${name}';\nexport const k${i}: string[] = Object.keys(m${i});`)
    .join('\n');
  const requires = names
    .map((name, i) => `import m${i} = require('${name}');\nexport const k${i}: string[] = Object.keys(m${i});`)
    .join('\n');
  writeFileSync(join(consumer.folder, 'use.mts'), imports);
  writeFileSync(join(consumer.folder, 'use.cts'), requires);
  const common = { strict: true, noEmit: true, skipLibCheck: false, target: 'es2024', lib: ['es2024', 'dom', 'dom.iterable'], types: [] };
  const node = { types: ['node'], typeRoots: [join(repository, 'node_modules/@types')] };
  const nodeTypes = packages.some((pkg) => (pkg.manifest.mox?.layer ?? 0) >= 4) ? node : {};
  const configs = {
    'tsconfig.nodenext.json': { compilerOptions: { ...common, ...nodeTypes, module: 'nodenext' }, files: ['use.mts', 'use.cts'] },
    // As programs for Node have it: without the types of browsers.
    'tsconfig.node.json': { compilerOptions: { ...common, ...node, lib: ['es2024'], module: 'nodenext' }, files: ['use.mts', 'use.cts'] },
    'tsconfig.bundler.json': {
      compilerOptions: { ...common, ...nodeTypes, module: 'esnext', moduleResolution: 'bundler' },
      files: ['use.mts'],
    },
  };
  return Object.entries(configs).flatMap(([file, config]) => {
    writeFileSync(join(consumer.folder, file), JSON.stringify(config));
    return oneFault(file, run(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', file], consumer.folder));
  });
}

const root = mkdtempSync(join(tmpdir(), 'mox-pack-'));
try {
  const tarballFolder = join(root, 'tarballs');
  const folder = join(root, 'consumer');
  for (const made of [tarballFolder, folder]) mkdirSync(made);
  const file = (pkg: Package): string => join(tarballFolder, `${pkg.manifest.name.slice(1).replace('/', '-')}-${pkg.manifest.version}.tgz`);
  const consumer: Consumer = { folder, tarballs: new Map(workspace.map((pkg) => [pkg.manifest.name, file(pkg)])) };
  const build = (): string[] => oneFault('build', run(process.execPath, ['tools/build.ts', '--types'], repository));
  await step('build with declarations', build);
  const ready =
    (await step(`pack ${workspace.length} packages`, () => packAll(tarballFolder))) &&
    (await step('install the tarballs outside the workspace', () => install(consumer)));
  if (ready) {
    await step('what the tarballs hold', () => tarballFaults(consumer, packages));
    await step('import and require every entry', () => importAll(consumer));
    await step(`the same on Node ${oldestNode}`, () => importOnOldestNode(consumer));
    await step('TypeScript: nodenext and bundler', () => typeCheckAll(consumer));
    await step('publint and are-the-types-wrong', () => installedFaults(consumer, packages));
    await step('what single imports cost in a bundle', () => sizeFaults(consumer, packages));
    const chromium = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
    if (existsSync(chromium) || process.env['CI']) {
      await step('bundled for the browser and loaded in Chromium', () => browserFaults(consumer, packages, chromium));
    } else console.log(`pack-test: skipped the browser: no ${chromium} (apt-get install chromium, or set CHROMIUM)`);
  }
} finally {
  if (values.keep) console.log(`pack-test: kept ${root}`);
  else rmSync(root, { recursive: true, force: true });
}
console.log(`pack-test: ${passed} passed, ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
