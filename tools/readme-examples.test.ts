// The first ```ts block of each package's README is type-checked and run, as a program of its own; that of the workspace is type-checked.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readIfThere, readWorkspace, repository } from './workspace.ts';

/** Inside tools/, so that every `@mox/*` package is found from here. */
const folder = join(repository, 'tools/.cache/readme');

const examples = readWorkspace()
  .filter((pkg) => pkg.folder.startsWith('packages/'))
  // a package that is only begun, and exports nothing, needs no example
  .filter((pkg) => (readIfThere(join(repository, pkg.folder, 'src/index.ts')) ?? '').trim() !== 'export {};')
  .map((pkg) => {
    const readme = readIfThere(join(repository, pkg.folder, 'README.md')) ?? '';
    return { name: pkg.folder.slice('packages/'.length), code: /^```ts\n([^]*?)^```$/m.exec(readme)?.[1] };
  });
const written = examples.filter((example) => example.code !== undefined);

/** The example of the workspace's README, which asks the DNS for real, with the message that it takes for granted. */
const first = /^ *```ts\n([^]*?)^ *```$/m.exec(readIfThere(join(repository, 'README.md')) ?? '')?.[1];

let complaints: readonly string[] = [];

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, code } of written) writeFileSync(join(folder, `${name}.ts`), `${code}\nexport {};\n`);
  writeFileSync(join(folder, 'workspace.ts'), `declare const message: Uint8Array;\n${first}\nexport {};\n`);
  const compilerOptions = {
    composite: false,
    declaration: false,
    emitDeclarationOnly: false,
    declarationMap: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noEmit: true,
    types: ['node'],
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../../tsconfig.base.json', compilerOptions, include: ['*.ts', '../../../packages/*/src/**/*.d.ts'] }),
  );
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' });
  complaints = stdout.split('\n');
}, 120_000);

describe('the example in the README', () => {
  it.each(examples.map(({ name }) => name))('of %s is there', (name) => {
    const isWritten = written.some((example) => example.name === name);
    expect(isWritten, `packages/${name}/README.md has no \`\`\`ts block`).toBe(true);
  });

  it.each(written.map(({ name }) => name))('of %s has no type errors', (name) => {
    expect(complaints.filter((line) => line.startsWith(`${name}.ts(`))).toEqual([]);
  });

  it('of the workspace has no type errors', () => {
    expect(first).toContain('@mox/');
    expect(complaints.filter((line) => line.startsWith('workspace.ts('))).toEqual([]);
  });

  it.each(written.map(({ name }) => name))('of %s runs, and prints something', (name) => {
    const options = ['--conditions=@mox/source', '--disable-warning=ExperimentalWarning'];
    const run = spawnSync(process.execPath, [...options, `${name}.ts`], { cwd: folder, encoding: 'utf8', timeout: 20_000 });
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    expect(run.stdout).not.toBe('');
  });
});
