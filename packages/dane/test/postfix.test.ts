// What becomes of mail to some three hundred destinations, by postfix and by us: records of every kind about servers of every kind, in
// signed, unsigned and broken zones. Both ask the same validating resolver and connect to the same servers, in a network of their own.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findMissing } from '../../dns-node/test/servers.ts';

interface Row {
  readonly name: string;
  readonly ours: string;
  readonly why: string;
  readonly theirs: string;
  readonly reason: string;
}

const missing = findMissing(['unshare', 'ip', 'unbound', 'nsd', 'ldns-keygen', 'ldns-signzone', 'postfix']);
/** Mounts and a network of their own, and processes, so that all end with the first. */
const apart: readonly string[] = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
/** Which takes privileges that a container may not give. */
const permitted = missing.length === 0 && spawnSync('unshare', [...apart, 'ip', 'link', 'set', 'lo', 'up']).status === 0;

/** Differences that are theirs; there were none with postfix 3.7. */
const explained: Readonly<Record<string, string>> = {};

async function compare(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mox-resolv-'));
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\noptions trust-ad edns0\n');
  const words = [
    process.execPath,
    '--conditions=@mox/source',
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'postfix-peer.ts'),
  ];
  const script = `mount --bind ${folder}/resolv.conf /etc/resolv.conf && ip link set lo up && exec ${words.join(' ')}`;
  try {
    const { stdout } = await promisify(execFile)('unshare', [...apart, 'sh', '-c', script], { maxBuffer: 1 << 24 });
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it.skipIf(!process.env['CI'])('has postfix and what it takes', () => {
  expect(missing).toEqual([]);
});

describe.skipIf(!permitted)('postfix as the sender (skipped where it is not installed, or a network of its own not permitted)', () => {
  it('RFC 7672 §2.2: mail to each destination goes the way that it goes by postfix', { timeout: 180_000 }, async () => {
    const rows = await compare();
    const differences = rows.filter(({ name, ours, theirs }) => ours !== theirs && explained[name] === undefined);
    expect(differences).toEqual([]);
    const outcomes = Map.groupBy(rows, ({ ours }) => ours);
    expect(Object.fromEntries([...outcomes].map(([outcome, all]) => [outcome, all.length]))).toEqual({
      verified: 72,
      trusted: 2,
      encrypted: 47,
      plain: 8,
      deferred: 168,
    });
  });
});
