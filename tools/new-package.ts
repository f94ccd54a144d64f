// Makes the skeleton of a package: `pnpm new-package <name> <layer> "<description>" [dependency ...]`.
// A dependency is a package of this workspace by its folder's name, or an npm package as name@version.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

interface NewPackage {
  readonly name: string;
  readonly layer: number;
  readonly description: string;
  readonly dependencies: readonly string[];
  readonly rfcs: readonly string[];
}

/** The exports of a package's entry point: its source for the workspace, the built files for everyone else. */
function entry(file: string): object {
  return {
    '@mox/source': `./src/${file}.ts`,
    import: { types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` },
    require: { types: `./dist/${file}.d.cts`, default: `./dist/${file}.cjs` },
  };
}

function packageJson(spec: NewPackage): object {
  const dependencies: Record<string, string> = {};
  for (const dependency of spec.dependencies.toSorted()) {
    const at = dependency.lastIndexOf('@');
    if (at > 0) dependencies[dependency.slice(0, at)] = `^${dependency.slice(at + 1)}`;
    else dependencies[`@mox/${dependency}`] = 'workspace:^';
  }
  return {
    name: `@mox/${spec.name}`,
    version: '0.0.0',
    description: spec.description,
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    engines: { node: '>=22.15' },
    mox: { layer: spec.layer, rfcs: spec.rfcs },
    exports: { '.': entry('index'), './package.json': './package.json' },
    main: './dist/index.cjs',
    module: './dist/index.js',
    types: './dist/index.d.ts',
    files: ['dist', 'README.md'],
    publishConfig: { access: 'public' },
    ...(Object.keys(dependencies).length > 0 && { dependencies }),
  };
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

/** Writes packages/<name>/ and adds it to the root tsconfig.json. */
export function newPackage(spec: NewPackage): void {
  const folder = join(root, 'packages', spec.name);
  if (existsSync(join(folder, 'package.json'))) throw new Error(`packages/${spec.name} is there already`);
  mkdirSync(join(folder, 'src'), { recursive: true });
  writeJson(join(folder, 'package.json'), packageJson(spec));
  writeJson(join(folder, 'tsconfig.json'), tsconfig(spec));
  if (!existsSync(join(folder, 'src/index.ts'))) writeFileSync(join(folder, 'src/index.ts'), 'export {};\n');
  writeFileSync(join(folder, 'README.md'), `# @mox/${spec.name}\n\n${spec.description}\n`);
  const references = ['packages', 'apps'].flatMap((parent) =>
    existsSync(join(root, parent))
      ? readdirSync(join(root, parent))
          .filter((name) => existsSync(join(root, parent, name, 'tsconfig.json')))
          .map((name) => ({ path: `${parent}/${name}` }))
      : [],
  );
  const file = join(root, 'tsconfig.json');
  const config = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { files: [] };
  writeJson(file, { ...config, references });
}

if (import.meta.main) {
  const [name, layer, description, ...dependencies] = process.argv.slice(2);
  if (!name || !/^[a-z][a-z0-9-]*$/.test(name) || !/^[0-5]$/.test(layer ?? '') || !description) {
    console.error('usage: pnpm new-package <name> <layer 0-5> "<description>" [dependency ...]');
    process.exit(2);
  }
  newPackage({ name, layer: Number(layer), description, dependencies, rfcs: [] });
  console.log(`packages/${name} made; now: pnpm install`);
}
