// Programs of other people that tests drive. Where one is not installed its tests are skipped, and say so; in CI that is a failure.
import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/**
 * As vitest's `describe`, for tests that need a program of a Debian package. `works` are words of a command line that
 * succeeds where what else is needed is there, too.
 */
export function describeProgram(program: string, debianPackages: string, tests: () => void, works: readonly string[] = []): void {
  const [command, ...words] = works;
  const installed = isInstalled(program) && (!command || spawnSync(command, words).status === 0);
  const remedy = `apt-get install ${debianPackages}`;
  if (installed) describe(program, tests);
  else if (process.env['CI'])
    describe(program, () => it('is installed', () => Promise.reject(new Error(`${program} is missing: ${remedy}`))));
  else describe.skip(`${program} (skipped: not installed; ${remedy})`, () => it('is needed', () => {}));
}

/** What a program that was run said. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs a program to its end. */
export function run(
  program: string,
  words: readonly string[],
  options: {
    readonly input?: string | Uint8Array;
    readonly env?: Readonly<Record<string, string>>;
    readonly timeoutMilliseconds?: number;
  } = {},
): Promise<Ran> {
  const settings: SpawnOptions = { stdio: 'pipe', env: { ...process.env, ...options.env }, timeout: options.timeoutMilliseconds ?? 60_000 };
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, settings);
    const out: Buffer[] = [];
    const error: Buffer[] = [];
    child.stdout?.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr?.on('data', (bytes: Buffer) => error.push(bytes));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, out: Buffer.concat(out).toString('latin1'), error: Buffer.concat(error).toString('utf8') }),
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}
