import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkLayers, packageOf } from './check-layers.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

interface Made {
  readonly layer: number;
  readonly dependencies?: readonly string[];
  readonly devDependencies?: readonly string[];
  readonly references?: readonly string[];
  readonly exports?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

/** Makes a workspace of small packages in a folder of its own and returns its path. */
function tree(packages: Readonly<Record<string, Made>>): string {
  const root = mkdtempSync(join(tmpdir(), 'layers-'));
  made.push(root);
  const write = (file: string, content: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  };
  const names = (list: readonly string[] = []): object => Object.fromEntries(list.map((name) => [name, '*']));
  for (const [name, spec] of Object.entries(packages)) {
    const manifest = {
      name: `@mox/${name}`,
      mox: { layer: spec.layer, rfcs: [] },
      exports: Object.fromEntries((spec.exports ?? ['.']).map((entry) => [entry, './src/index.ts'])),
      dependencies: names(spec.dependencies),
      devDependencies: names(spec.devDependencies),
    };
    write(`packages/${name}/package.json`, JSON.stringify(manifest));
    const references =
      spec.references ?? (spec.dependencies ?? []).filter((name) => name.startsWith('@mox/')).map((name) => name.replace('@mox/', '../'));
    write(`packages/${name}/tsconfig.json`, JSON.stringify({ references: references.map((path) => ({ path })) }));
    for (const [file, text] of Object.entries(spec.files ?? {})) write(`packages/${name}/${file}`, text);
  }
  const folders = Object.keys(packages).map((name) => ({ path: `packages/${name}` }));
  write('tsconfig.json', JSON.stringify({ files: [], references: folders }));
  return root;
}

function messages(packages: Readonly<Record<string, Made>>): string[] {
  return checkLayers(tree(packages)).map(({ where, message }) => `${where}: ${message}`);
}

const use = (...names: string[]): { readonly 'src/index.ts': string } => ({
  'src/index.ts': names.map((name) => `import '${name}';`).join('\n'),
});

describe('arrows between packages', () => {
  it('lets arrows go down and sideways', () => {
    expect(
      messages({
        low: { layer: 0, files: { 'src/index.ts': 'export {};' } },
        side: { layer: 1, dependencies: ['@mox/low'], files: use('@mox/low') },
        high: { layer: 1, dependencies: ['@mox/low', '@mox/side'], files: use('@mox/low', '@mox/side') },
      }),
    ).toEqual([]);
  });

  it('reports an arrow up, of types as well', () => {
    const problems = messages({
      low: { layer: 0, dependencies: ['@mox/high'], files: { 'src/index.ts': `import type { A } from '@mox/high';` } },
      high: { layer: 1 },
    });
    expect(problems).toEqual(['packages/low/src/index.ts:1: an arrow up: layer 0 imports @mox/high of layer 1']);
  });

  it('reports a circle, even one that is only declared', () => {
    const problems = messages({
      a: { layer: 1, dependencies: ['@mox/b'], files: use('@mox/b') },
      b: { layer: 1, dependencies: ['@mox/a'] },
    });
    expect(problems).toContain('@mox/a: a circle of packages: @mox/a -> @mox/b -> @mox/a');
  });

  it('reports an entry that the other package does not export', () => {
    const files = use('@mox/a/testing', '@mox/a/other');
    const problems = messages({ a: { layer: 0, exports: ['.', './testing'] }, b: { layer: 0, dependencies: ['@mox/a'], files } });
    expect(problems).toEqual(['packages/b/src/index.ts:2: @mox/a/other is no entry in the exports of @mox/a']);
  });

  it('reports what is imported and not declared, and what is declared and not imported', () => {
    const problems = messages({
      a: { layer: 0 },
      b: { layer: 0, dependencies: ['saxes', '@mox/a'], files: { ...use('iconv-lite'), 'src/x.test.ts': `import '@mox/a';` } },
    });
    expect(problems).toEqual([
      'packages/b/src/index.ts:1: iconv-lite is imported but not in dependencies of packages/b/package.json',
      'packages/b/package.json: unused dependency saxes: nothing imports it: take it out',
      'packages/b/package.json: unused dependency @mox/a: only tests import it: move it to devDependencies',
    ]);
  });
});

describe('arrows between files', () => {
  it('reports a circle by a shortest way round', () => {
    const files = {
      'src/a.ts': `import { b } from './b.ts';`,
      'src/b.ts': `import { c } from './c.ts';\nexport * from './a.ts';`,
      'src/c.ts': `import './b.ts';`,
    };
    expect(messages({ a: { layer: 0, files } })).toEqual(['packages/a/src/a.ts: a circle of files: src/a.ts -> src/b.ts -> src/a.ts']);
  });

  it('lets a circle through that types close', () => {
    const files = { 'src/a.ts': `import { b } from './b.ts';`, 'src/b.ts': `import type { A } from './a.ts';` };
    expect(messages({ a: { layer: 0, files } })).toEqual([]);
  });

  it('reports a path out of the package', () => {
    const files = { 'src/a.ts': `import '../../b/src/index.ts';`, 'src/deep/a.ts': `import '../b.ts';` };
    expect(messages({ a: { layer: 0, files } })).toEqual([
      "packages/a/src/a.ts:1: ../../b/src/index.ts leaves the package: import it by its package's name",
    ]);
  });
});

describe('the platform', () => {
  const files = { 'src/index.ts': `import 'node:fs';\nimport 'crypto';\nprocess.exit();` };

  it('reports Node below layer 4', () => {
    expect(messages({ a: { layer: 3, files } }).map((line) => line.split(' ')[0])).toEqual([
      'packages/a/src/index.ts:1:',
      'packages/a/src/index.ts:2:',
      'packages/a/src/index.ts:3:',
    ]);
  });

  it('lets it be in layer 4, in tests and in the one door', () => {
    expect(messages({ a: { layer: 4, files } })).toEqual([]);
    expect(messages({ a: { layer: 0, files: { 'src/a.test.ts': files['src/index.ts'], 'bench/a.ts': files['src/index.ts'] } } })).toEqual(
      [],
    );
    expect(messages({ runtime: { layer: 0, files: { 'src/platform-node.ts': files['src/index.ts'] } } })).toEqual([]);
  });
});

describe('tsconfig.json', () => {
  const packages = {
    a: { layer: 0 },
    b: { layer: 0, dependencies: ['@mox/a'], references: ['../c'], files: use('@mox/a') },
    c: { layer: 0 },
  };

  it('reports references that differ from dependencies', () => {
    expect(messages(packages)).toEqual(['packages/b/tsconfig.json: references differ from dependencies (+../a -../c): --fix writes them']);
  });

  it('mends them with --fix', () => {
    const root = tree(packages);
    expect(checkLayers(root, { fix: true })).toEqual([]);
    expect(JSON.parse(readFileSync(join(root, 'packages/b/tsconfig.json'), 'utf8')).references).toEqual([{ path: '../a' }]);
    expect(checkLayers(root)).toEqual([]);
  });
});

it.each([
  ['@mox/dns/testing', '@mox/dns'],
  ['iconv-lite/lib', 'iconv-lite'],
  ['./a.ts', undefined],
  ['../a.ts', undefined],
  ['#platform', undefined],
])('packageOf %s is %s', (specifier, name) => {
  expect(packageOf(specifier)).toBe(name);
});
