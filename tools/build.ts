// Builds every package whose sources changed: JavaScript (ESM and CommonJS) by tsup, and with --types
// the declarations by tsc. `node tools/build.ts [--types] [--force] [name ...]`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Options } from 'tsup';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

interface Package {
  readonly folder: string;
  readonly name: string;
  /** Entry points by name in dist/, e.g. `index` for src/index.ts. */
  readonly entries: Readonly<Record<string, string>>;
  /** Whether CommonJS is made as well. */
  readonly commonJs: boolean;
  readonly node: boolean;
}

interface Exports {
  readonly [condition: string]: string | Exports;
}

/** Every source file that a package.json names under the condition `@mox/source`. */
function sourcesIn(exports: Exports): string[] {
  return Object.entries(exports).flatMap(([key, value]) => {
    if (typeof value !== 'string') return sourcesIn(value);
    return key === '@mox/source' ? [value] : [];
  });
}

function readPackage(file: string): Package {
  const folder = dirname(file);
  const json = JSON.parse(readFileSync(join(root, file), 'utf8'));
  const sources = sourcesIn({ ...json.exports, ...json.imports });
  const entries = Object.fromEntries(sources.map((source) => [source.slice('./src/'.length, -'.ts'.length), join(root, folder, source)]));
  return { folder, name: json.name, entries, commonJs: json.private !== true, node: json.mox.layer >= 4 };
}

/** A hash of everything that a package's JavaScript is made from. */
function sourceHash(pkg: Package): string {
  const hash = createHash('sha256');
  const files = globSync(`${pkg.folder}/src/**/*`, { cwd: root }).filter((file) => /\.[a-z]+$/.test(file) && !file.endsWith('.test.ts'));
  for (const file of [...files.toSorted(), `${pkg.folder}/package.json`, 'tools/build.ts', 'tsconfig.base.json']) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function options(pkg: Package): Options {
  return {
    entry: { ...pkg.entries },
    outDir: join(root, pkg.folder, 'dist'),
    format: ['esm'],
    target: 'es2024',
    platform: pkg.node ? 'node' : 'neutral',
    sourcemap: true,
    splitting: true,
    removeNodeProtocol: false, // node:sqlite has no name without it
    dts: false,
    clean: false,
    config: false,
    silent: true,
    tsconfig: join(root, pkg.folder, 'tsconfig.json'),
    external: [/^[^./]/, /^#/],
    outExtension: () => ({ js: '.js' }),
  };
}

/** What stands in CommonJS for the properties of `import.meta`. */
const importMeta = { 'import.meta.url': 'importMetaUrl', 'import.meta.filename': '__filename', 'import.meta.dirname': '__dirname' };

/** Makes a .cjs beside every built .js: file by file, so that entry points share their parts in both kinds. */
async function writeCommonJs(pkg: Package): Promise<void> {
  const { transform } = await import('esbuild');
  for (const file of globSync(`${pkg.folder}/dist/**/*.js`, { cwd: root }).map((path) => join(root, path))) {
    const text = readFileSync(file, 'utf8').replace(/\/\/# sourceMappingURL=\S+\s*$/, '');
    const map = Buffer.from(readFileSync(`${file}.map`)).toString('base64');
    const { code, map: newMap } = await transform(`${text}\n//# sourceMappingURL=data:application/json;base64,${map}`, {
      format: 'cjs',
      platform: 'node',
      target: 'es2024',
      sourcemap: 'external',
      define: importMeta,
      ...(text.includes('import.meta.url') && { banner: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" }),
    });
    const commonJs = file.replace(/\.js$/, '.cjs');
    const neighbours = code.replace(/\b(require|import)\("(\.\.?\/[^"]*)\.js"\)/g, '$1("$2.cjs")');
    writeFileSync(commonJs, `${neighbours}//# sourceMappingURL=${basename(commonJs)}.map\n`);
    writeFileSync(`${commonJs}.map`, newMap);
  }
}

async function buildPackage(pkg: Package, force: boolean): Promise<boolean> {
  const stamp = join(root, pkg.folder, 'dist/.stamp');
  const hash = sourceHash(pkg);
  if (!force && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false;
  const { build } = await import('tsup');
  for (const old of globSync(`${pkg.folder}/dist/**/*.{js,cjs,js.map,cjs.map}`, { cwd: root })) rmSync(join(root, old));
  await build(options(pkg));
  if (pkg.commonJs) await writeCommonJs(pkg);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(`${stamp}.new`, hash);
  renameSync(`${stamp}.new`, stamp);
  return true;
}

/** A declaration file with the names of its neighbours ending in `extension`, and without a map, which is not shipped. */
function withExtension(text: string, extension: string): string {
  return text
    .replace(/(from |import\(|import )(['"])(\.[^'"]*)\.[jt]s\2/g, `$1$2$3${extension}$2`)
    .replace(/\/\/# sourceMappingURL=.*\n?$/, '');
}

/**
 * Makes declarations that resolve for everyone: tsc leaves `./file.ts` in them. A .d.cts beside every .d.ts, so that
 * `require` gets types of its own kind. Those whose source is gone are removed.
 */
function settleDeclarations(): void {
  for (const file of globSync('packages/*/dist/**/*.d.ts', { cwd: root })) {
    if (!existsSync(join(root, file.replace('/dist/', '/src/').replace(/\.d\.ts$/, '.ts')))) {
      for (const left of [file, `${file}.map`, file.replace(/\.ts$/, '.cts')]) rmSync(join(root, left), { force: true });
      continue;
    }
    const text = readFileSync(join(root, file), 'utf8');
    const settled = withExtension(text, '.js');
    if (settled !== text) writeFileSync(join(root, file), settled);
    const commonJs = join(root, file.replace(/\.ts$/, '.cts'));
    const wanted = withExtension(text, '.cjs');
    if (!existsSync(commonJs) || readFileSync(commonJs, 'utf8') !== wanted) writeFileSync(commonJs, wanted);
  }
}

const { values, positionals } = parseArgs({
  options: { types: { type: 'boolean' }, force: { type: 'boolean' } },
  allowPositionals: true,
});
const started = performance.now();
const packages = globSync('{packages,apps}/*/package.json', { cwd: root })
  .toSorted()
  .map(readPackage)
  .filter((pkg) => positionals.length === 0 || positionals.includes(basename(pkg.folder)));
const built: string[] = [];
const failed: string[] = [];
for (const pkg of packages) {
  try {
    if (await buildPackage(pkg, values.force === true)) built.push(pkg.name);
  } catch {
    failed.push(pkg.name); // tsup has said why
  }
}
if (values.types) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const projects = positionals.length === 0 ? [] : packages.map((pkg) => pkg.folder);
  const { status } = spawnSync(process.execPath, [tsc, '-b', '--emitDeclarationOnly', ...projects], { cwd: root, stdio: 'inherit' });
  if (status !== 0) failed.push('declarations');
  settleDeclarations();
}
const seconds = ((performance.now() - started) / 1000).toFixed(1);
if (built.length > 0) console.error(`build: ${built.length} of ${packages.length} packages in ${seconds} s`);
if (failed.length > 0) {
  console.error(`build: failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
