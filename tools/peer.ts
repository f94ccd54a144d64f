// Other implementations, each behind a program that reads jobs and writes results, a line of JSON each.
import { execFileSync, spawnSync } from 'node:child_process';

/** An implementation, and how to reach it. */
export interface Peer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Arguments that make the command fail where the implementation is not installed. */
  readonly probe: readonly string[];
  /** How its results are written; `utf8` unless told. */
  readonly encoding?: 'utf8' | 'latin1';
}

/** Whether a peer is installed. */
export function isInstalled({ command, probe }: Pick<Peer, 'command' | 'probe'>): boolean {
  return spawnSync(command, probe).status === 0;
}

/** The results of jobs, in their order, by one process. */
export function runPeer<T = unknown>({ command, args, encoding = 'utf8' }: Peer, jobs: readonly unknown[]): T[] {
  const input = jobs.map((job) => `${JSON.stringify(job)}\n`).join('');
  return execFileSync(command, args, { input, maxBuffer: 1 << 28, encoding })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}
