import { expect, it } from 'vitest';
import type { Command } from './command.ts';
import { CommandError } from './command-error.ts';
import { runCommandLine } from './run.ts';

async function run(error: Error, ...words: string[]): Promise<{ status: number; out: string[]; errors: string[] }> {
  const [out, errors]: [string[], string[]] = [[], []];
  const fail = (): Promise<number> => Promise.reject(error);
  const json = { type: 'boolean', help: 'print JSON' } as const;
  const command: Command = { name: 'fail', summary: '', arguments: '', argumentCount: { least: 0, most: 0 }, options: { json }, run: fail };
  const output = { out: (line: string) => out.push(line), error: (line: string) => errors.push(line) };
  return { status: await runCommandLine([command], ['fail', ...words], output), out, errors };
}

it('a message of several lines stays one, and what a peer wrote in it is shown, not obeyed', async () => {
  const { status, out, errors } = await run(new CommandError('two faults:\nfirst\nsecond \u001b[31m', 'mend them'));
  expect({ status, out, errors }).toEqual({
    status: 1,
    out: [],
    errors: ['mox: two faults:', '  first', '  second \\u001b[31m', '  remedy: mend them'],
  });
});

it('a fault of the program is a line with a remedy, not a stack', async () => {
  const { status, out, errors } = await run(new RangeError('beyond'));
  expect({ status, out }).toEqual({ status: 2, out: [] });
  expect(errors).toEqual(['mox: a fault of mox itself: beyond', expect.stringMatching(/^ {2}remedy: .*MOX_DEBUG=1/)]);
});

it('--json has the error as an object on standard output', async () => {
  const { out } = await run(new CommandError('no \u009b', 'yes'), '--json');
  expect(out).toEqual(['{"error":{"message":"no \\u009b","remedy":"yes"}}']);
});
