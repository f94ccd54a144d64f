// A process that queues and delivers is killed again and again: every message that it accepted is delivered or reported.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

const rounds = Number(process.env['MOX_KILL_ROUNDS'] ?? 4);
const child = join(import.meta.dirname, 'deliver-until-killed.ts');

/** Runs the child; with a time, kills it so long after the first message that it accepted. Gives the signal it ended by. */
async function run(args: readonly string[], seen: (line: string) => void, killAfterMs?: number): Promise<string | null> {
  const options = ['--conditions=@mox/source', '--disable-warning=ExperimentalWarning', child, ...args];
  const running = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<string | null>((resolve) => running.on('exit', (_code, signal) => resolve(signal)));
  let killing = false;
  for await (const line of createInterface({ input: running.stdout })) {
    seen(line);
    if (killAfterMs === undefined || killing) continue;
    killing = true;
    setTimeout(() => running.kill('SIGKILL'), killAfterMs);
  }
  return ended;
}

it(`RFC 5321 §6.1: ${rounds} times killed, every accepted message is delivered or reported`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mox-queue-kill-'));
  const accepted = new Set<string>();
  const ended = new Set<string>();
  const seen = (line: string): void => {
    const [what, address = ''] = line.split(' ');
    (what === 'accepted' ? accepted : ended).add(address);
  };
  for (let round = 0; round < rounds; round++) {
    expect(await run([directory, String(round)], seen, 50 + Math.random() * 400)).toBe('SIGKILL');
  }
  expect(await run([directory, 'finish'], seen)).toBe(null);
  expect(accepted.size).toBeGreaterThan(rounds * 4);
  expect([...accepted].filter((address) => !ended.has(address))).toEqual([]);
  rmSync(directory, { recursive: true });
}, 120_000);
