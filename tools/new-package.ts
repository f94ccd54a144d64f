// Makes the skeleton of a package: `pnpm new-package <name> <layer> "<description>" [dependency ...]`.
// A dependency is a package of this workspace by its folder's name, an npm package as name@version, or an RFC as rfc7208.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkLayers } from './check-layers.ts';
import { settledManifest, sourceCondition } from './manifests.ts';
import { repository } from './workspace.ts';

interface NewPackage {
  readonly name: string;
  readonly layer: number;
  readonly description: string;
  readonly dependencies: readonly string[];
  readonly rfcs: readonly string[];
}

function packageJson(spec: NewPackage): object {
  const dependencies: Record<string, string> = {};
  for (const dependency of spec.dependencies.toSorted()) {
    const at = dependency.lastIndexOf('@');
    if (at > 0) dependencies[dependency.slice(0, at)] = `^${dependency.slice(at + 1)}`;
    else dependencies[`@mox/${dependency}`] = 'workspace:^';
  }
  return settledManifest({
    name: `@mox/${spec.name}`,
    version: '0.0.0',
    description: spec.description,
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    engines: {},
    mox: { layer: spec.layer, rfcs: spec.rfcs },
    exports: { '.': { [sourceCondition]: './src/index.ts' }, './package.json': './package.json' },
    main: './dist/index.cjs',
    module: './dist/index.js',
    types: './dist/index.d.ts',
    ...(Object.keys(dependencies).length > 0 && { dependencies }),
  });
}

/** tsconfig.json of a package: its own sources, and a reference to each workspace package it imports. */
function tsconfig(spec: NewPackage): object {
  return {
    extends: '../../tsconfig.base.json',
    compilerOptions: {
      rootDir: 'src',
      outDir: 'dist',
      tsBuildInfoFile: 'dist/.tsbuildinfo',
      ...(spec.layer >= 4 && { types: ['node'] }),
    },
    include: ['src'],
    exclude: ['src/**/*.test.ts'],
    references: spec.dependencies.filter((name) => name.lastIndexOf('@') < 1).map((name) => ({ path: `../${name}` })),
  };
}

function writeJson(file: string, value: object): void {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** The README a package starts with: what it is for, a place for the example, and the generated table. */
function readme(spec: NewPackage): string {
  const example = `\`\`\`ts\nimport * as ${spec.name.replaceAll('-', '')} from '@mox/${spec.name}';\n\nconsole.log(${spec.name.replaceAll('-', '')});\n\`\`\``;
  return `# @mox/${spec.name}\n\n${spec.description}\n\n${example}\n\n## RFCs\n\n<!-- rfc:start -->\n<!-- rfc:end -->\n`;
}

/** Adds a package to those that the examples of READMEs may import. */
function addToTools(name: string): void {
  const file = join(repository, 'tools/package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const dependencies = Object.entries({ ...manifest.dependencies, [`@mox/${name}`]: 'workspace:^' });
  writeJson(file, { ...manifest, dependencies: Object.fromEntries(dependencies.toSorted(([a], [b]) => (a < b ? -1 : 1))) });
}

/** Writes packages/<name>/ and adds it to tsconfig.json and to the tools' dependencies. */
export function newPackage(spec: NewPackage): void {
  const folder = join(repository, 'packages', spec.name);
  if (existsSync(join(folder, 'package.json'))) throw new Error(`packages/${spec.name} is there already`);
  mkdirSync(join(folder, 'src'), { recursive: true });
  writeJson(join(folder, 'package.json'), packageJson(spec));
  writeJson(join(folder, 'tsconfig.json'), tsconfig(spec));
  writeFileSync(join(folder, 'src/index.ts'), 'export {};\n');
  writeFileSync(join(folder, 'README.md'), readme(spec));
  addToTools(spec.name);
  checkLayers(repository, { fix: true });
  const biome = join(repository, 'node_modules/@biomejs/biome/bin/biome');
  spawnSync(process.execPath, [biome, 'check', '--write', folder, 'tsconfig.json'], { cwd: repository });
}

if (import.meta.main) {
  const [name, layer, description, ...more] = process.argv.slice(2);
  if (!name || !/^[a-z][a-z0-9-]*$/.test(name) || !/^[0-5]$/.test(layer ?? '') || !description) {
    console.error('usage: pnpm new-package <name> <layer 0-5> "<description>" [dependency ...] [rfc7208 ...]');
    process.exit(2);
  }
  const rfcs = more.filter((word) => /^rfc\d+$/.test(word)).map((word) => word.slice(3));
  const dependencies = more.filter((word) => !/^rfc\d+$/.test(word));
  newPackage({ name, layer: Number(layer), description, dependencies, rfcs });
  console.log(`packages/${name} made; now: pnpm install, and rows for its RFCs in rfc/index.tsv`);
}
