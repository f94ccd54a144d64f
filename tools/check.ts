// Everything that can be checked without running the tests, one line each: `pnpm check [--fix] [name ...]`.
// Names are those of the checks. --fix mends what can be mended: format, lint, references, manifests, generated texts.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { repository } from './workspace.ts';

interface Check {
  readonly name: string;
  readonly command: readonly string[];
  readonly fix?: readonly string[];
  readonly remedy: string;
  /** A check that must be over before this one begins. */
  readonly after?: string;
}

const bin = (name: string, path: string): string[] => [process.execPath, join(repository, 'node_modules', name, path)];
const tool = (file: string): string[] => [process.execPath, join(repository, 'tools', file)];
const biome = [...bin('@biomejs/biome', 'bin/biome'), 'check', '--log-level=warn', '--diagnostic-level=error'];
const oxlint = [...bin('oxlint', 'bin/oxlint'), '--type-aware', '--quiet', '-f', 'unix'];
const tsc = bin('typescript', 'bin/tsc');

const checks: readonly Check[] = [
  {
    name: 'lockfile',
    command: ['pnpm', 'install', '--frozen-lockfile', '--lockfile-only', '--reporter=silent'],
    fix: ['pnpm', 'install', '--reporter=silent'],
    remedy: 'pnpm install, and commit pnpm-lock.yaml with the package.json that changed',
  },
  { name: 'manifests', command: tool('manifests.ts'), fix: [...tool('manifests.ts'), '--fix'], remedy: 'pnpm check --fix manifests' },
  {
    name: 'layers',
    command: tool('check-layers.ts'),
    fix: [...tool('check-layers.ts'), '--fix'],
    remedy: 'turn the arrow round or move the code (CONTRIBUTING.md); references of tsconfig.json: pnpm check --fix layers',
  },
  { name: 'types', command: [...tsc, '-b'], remedy: 'mend the types of the sources' },
  { name: 'test-types', command: [...tsc, '-p', 'tsconfig.test.json'], remedy: 'mend the types of the tests', after: 'types' },
  {
    name: 'lint',
    command: oxlint,
    fix: [...oxlint, '--fix'],
    remedy: 'mend the code; pnpm check --fix lint does what can be done by itself',
  },
  {
    name: 'rfc',
    command: tool('rfc-xref.ts'),
    fix: [...tool('rfc-xref.ts'), '--write'],
    remedy: 'mend the citation or lower the status in rfc/index.tsv; generated texts: pnpm check --fix rfc',
  },
  {
    name: 'api',
    command: tool('api.ts'),
    fix: [...tool('api.ts'), '--write'],
    remedy: 'look at the difference; where it is meant: pnpm check --fix api',
    after: 'types',
  },
  // Last, so that it also formats what the others have mended.
  { name: 'format', command: biome, fix: [...biome, '--write'], remedy: 'pnpm check --fix format' },
];

/** The pinned tools come first, so that the command works without a PATH set for it. */
const env = { ...process.env, PATH: [join(repository, '.toolchain/node_modules/.bin'), process.env['PATH']].join(delimiter) };

interface Outcome {
  readonly ok: boolean;
  readonly seconds: number;
  readonly output: string;
}

function runCommand(command: readonly string[]): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve) => {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const done = (ok: boolean): void => resolve({ ok, seconds: (performance.now() - started) / 1000, output: output.trim() });
    child.on('error', (error) => {
      output += error.message;
      done(false);
    });
    child.on('close', (code) => done(code === 0));
  });
}

function report(check: Check, { ok, seconds, output }: Outcome): void {
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${check.name.padEnd(10)} ${seconds.toFixed(1).padStart(5)} s`);
  if (ok) return;
  const lines = output.split('\n');
  const shown = lines.length > 60 ? [...lines.slice(0, 60), `… and ${lines.length - 60} lines more`] : lines;
  console.log(shown.map((line) => `     ${line}`).join('\n'));
  console.log(`     remedy: ${check.remedy}`);
}

/** Runs checks, as many at a time as there are processors; one that waits for another starts behind it. */
async function runChecks(wanted: readonly Check[], fix: boolean): Promise<number> {
  const outcomes = new Map<string, Promise<Outcome>>();
  let free = fix ? 1 : availableParallelism();
  const waiting: (() => void)[] = [];
  const enter = (): Promise<void> => (free-- > 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)));
  const leave = (): void => {
    free++;
    waiting.shift()?.();
  };
  let failures = 0;
  for (const check of wanted) {
    const before = check.after === undefined ? undefined : outcomes.get(check.after);
    const run = async (): Promise<Outcome> => {
      await before;
      await enter();
      const outcome = await runCommand(fix ? (check.fix ?? check.command) : check.command);
      leave();
      report(check, outcome);
      if (!outcome.ok) failures++;
      return outcome;
    };
    outcomes.set(check.name, run());
  }
  await Promise.all(outcomes.values());
  return failures;
}

const { values, positionals } = parseArgs({ options: { fix: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(`check: no check ${unknown.join(', ')}; there are: ${checks.map((check) => check.name).join(', ')}`);
  process.exit(2);
}
const wanted = checks.filter((check) => positionals.length === 0 || positionals.includes(check.name));
const failures = await runChecks(wanted, values.fix === true);
console.log(`check: ${wanted.length - failures} passed, ${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;
