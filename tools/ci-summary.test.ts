import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

function summarize(testResults: object[], status: string): { readonly stdout: string; readonly stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'summary-'));
  writeFileSync(join(folder, 'report.json'), JSON.stringify({ testResults }));
  const script = join(import.meta.dirname, 'ci-summary.mjs');
  const { stdout, stderr } = spawnSync(process.execPath, [script, join(folder, 'report.json'), status], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return { stdout, stderr };
}

const good = { name: 'a.test.ts', status: 'passed', assertionResults: [{ status: 'passed', fullName: 'x' }] };

it('counts passed and failed tests, and names failed and skipped ones', () => {
  const assertionResults = [
    { status: 'failed', fullName: 'y' },
    { status: 'skipped', fullName: 'z' },
  ];
  const { stdout, stderr } = summarize([good, { name: 'b.test.ts', status: 'failed', assertionResults }], '1');
  expect(stdout).toBe('1 1\n');
  expect(stderr).toBe('failed: b.test.ts: y\nskipped: b.test.ts: z\n');
});

it('counts a file that could not be loaded, and an error outside of every test', () => {
  expect(summarize([good, { name: 'c.test.ts', status: 'failed', message: 'no module', assertionResults: [] }], '1').stdout).toBe('1 1\n');
  expect(summarize([good], '1').stdout).toBe('1 1\n');
  expect(summarize([good], '0').stdout).toBe('1 0\n');
});
