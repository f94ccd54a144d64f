// Other implementations, each behind a program that reads jobs and writes results, a line of JSON each.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** An implementation, and how to reach it. */
export interface Peer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Arguments that make the command fail where the implementation is not installed. */
  readonly probe: readonly string[];
}

const python = '/usr/bin/python3';

export const mailDkim: Peer = {
  name: "Debian's libmail-dkim-perl",
  command: 'perl',
  args: [join(import.meta.dirname, 'mail-dkim.pl')],
  probe: ['-MMail::DKIM', '-e', '1'],
};
export const pythonDkim: Peer = {
  name: "Debian's python3-dkim",
  command: python,
  args: [join(import.meta.dirname, 'python-dkim.py')],
  probe: ['-c', 'import dkim, nacl'],
};
export const libopendkim: Peer = {
  name: "Debian's libopendkim11",
  command: python,
  args: [join(import.meta.dirname, 'opendkim.py')],
  probe: ['-c', 'import ctypes; ctypes.CDLL("libopendkim.so.11")'],
};

/** Whether a program is there and runs; CI must not skip what needs it. */
export function available(command: string, args: readonly string[]): boolean {
  const found = spawnSync(command, args).status === 0;
  if (!found && process.env['CI']) throw new Error(`${command} ${args.join(' ')}: CI must not skip this test`);
  return found;
}

/** The results of jobs, in their order, by one process. */
export function runPeer({ command, args }: Peer, jobs: readonly unknown[]): unknown[] {
  const input = jobs.map((job) => `${JSON.stringify(job)}\n`).join('');
  const output = execFileSync(command, args, { input, maxBuffer: 1 << 28 }).toString();
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
