// Keeps the package.json files of packages alike: what is published, and under which conditions. `node tools/manifests.ts
// [--fix]`. In the workspace `exports` leads to sources by a condition of its own; published packages carry none of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Conditions, type Manifest, readWorkspace, repository } from './workspace.ts';

/** The condition under which the workspace finds sources. */
export const sourceCondition = '@mox/source';

/** What goes into a tarball: neither build state nor maps of declarations, which lead to sources that are not shipped. */
const shippedFiles: readonly string[] = ['dist', '!dist/.*', '!dist/**/*.d.ts.map', 'README.md'];

/** Conditions without the one of the workspace. */
export function stripSource(conditions: Conditions): Conditions {
  const kept = Object.entries(conditions).filter(([key]) => key !== sourceCondition);
  return Object.fromEntries(kept.map(([key, value]) => [key, typeof value === 'string' ? value : stripSource(value)]));
}

/** The entry of an `exports` field for a source file. */
function exportsEntry(source: string): Conditions {
  const built = source.replace('./src/', './dist/').replace(/\.ts$/, '');
  return {
    [sourceCondition]: source,
    import: { types: `${built}.d.ts`, default: `${built}.js` },
    require: { types: `${built}.d.cts`, default: `${built}.cjs` },
  };
}

function settledExports(exports: Conditions): Conditions {
  return Object.fromEntries(
    Object.entries(exports).map(([entry, conditions]) => {
      const source = typeof conditions === 'string' ? undefined : conditions[sourceCondition];
      return [entry, typeof source === 'string' ? exportsEntry(source) : conditions];
    }),
  );
}

/** The manifest of a package as it should be; the fields that are its own stay as they are. */
export function settledManifest(manifest: Manifest & Readonly<Record<string, unknown>>): Manifest & Readonly<Record<string, unknown>> {
  const exports = settledExports(manifest.exports ?? {});
  return {
    ...manifest,
    license: 'MIT',
    type: 'module',
    ...(manifest['sideEffects'] === undefined && { sideEffects: false }),
    engines: { node: '>=22.15' },
    exports,
    files: shippedFiles,
    publishConfig: {
      access: 'public',
      exports: stripSource(exports),
      ...(manifest.imports && { imports: stripSource(manifest.imports) }),
    },
  };
}

/** Packages whose manifest is not as it should be. With `fix` they are written. */
export function checkManifests(options: { readonly fix?: boolean } = {}): string[] {
  const faults: string[] = [];
  for (const pkg of readWorkspace().filter((one) => one.folder.startsWith('packages/'))) {
    const file = join(repository, pkg.folder, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    const settled = settledManifest(manifest);
    if (JSON.stringify(settled) === JSON.stringify(manifest)) continue;
    if (options.fix) writeFileSync(file, `${JSON.stringify(settled, undefined, 2)}\n`);
    else
      faults.push(`${pkg.folder}/package.json: exports, files or publishConfig are not as they should be: node tools/manifests.ts --fix`);
  }
  return faults;
}

if (import.meta.main) {
  const faults = checkManifests({ fix: process.argv.includes('--fix') });
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
