// Odd signatures, key records and header sections: what RFC 6376 makes of them, and where Mail::DKIM, python3-dkim and libopendkim differ.
import { ZoneResolver } from '@mox/dns/testing';
import { fromLatin1 } from '@mox/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { runPeer } from '../../../tools/peer.ts';
import { verifyDkim } from '../src/index.ts';
import { makeKey } from './messages.ts';
import { makeOddCases, type OddCase } from './odd-cases.ts';
import { explained } from './odd-cases-explained.ts';
import { available, libopendkim, mailDkim, pythonDkim } from './peers.ts';

const now = Date.now();
const kinds = ['field', 'record', 'header'] as const;
let cases: Readonly<Record<(typeof kinds)[number], readonly OddCase[]>>;

beforeAll(async () => {
  const [key, other] = await Promise.all([makeKey('rsa'), makeKey('rsa')]);
  cases = await makeOddCases(key, other);
});

function resolverOf({ dns }: OddCase): ZoneResolver {
  return new ZoneResolver(
    Object.entries(dns).flatMap(([name, texts]) =>
      texts.map((text) => ({ name, type: 'TXT' as const, ttlSeconds: 60, data: [fromLatin1(text)] })),
    ),
  );
}

describe('odd cases', () => {
  it.each([
    ['RFC 6376 §3.5: signature fields', 'field'],
    ['RFC 6376 §3.6.1: key records', 'record'],
    ['RFC 6376 §3.4: header sections', 'header'],
  ] as const)('%s', async (_title, kind) => {
    for (const one of cases[kind]) {
      const [result] = await verifyDkim(one.message, { resolver: resolverOf(one), now });
      expect(result?.status, `${one.title}: ${result?.problem}`).toBe(one.status);
      // Whoever asks why is told.
      expect(result?.problem !== undefined, one.title).toBe(one.status !== 'pass');
    }
  });

  it('each has a title of its own, and each explanation a case', () => {
    const titles = kinds.flatMap((kind) => cases[kind].map(({ title }) => title));
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
    expect(explained.flatMap(([, , ...of]) => of).filter((title) => !titles.includes(title))).toEqual([]);
  });

  it.each([
    ['P', mailDkim],
    ['Y', pythonDkim],
    ['O', libopendkim],
  ] as const)('%s differs only where it is explained (skipped where it is not installed)', (letter, peer) => {
    if (!available(peer.command, peer.probe)) return;
    const all = kinds.flatMap((kind) => cases[kind]);
    const results = runPeer(
      peer,
      all.map(({ message, dns }) => ({ verify: Buffer.from(message).toString('base64'), dns })),
    ) as [boolean, string][][];
    const known = new Set(explained.filter(([peers]) => peers.includes(letter)).flatMap(([, , ...titles]) => titles));
    const differing = all.filter(({ status, title }, i) => (results[i]?.[0]?.[0] ?? false) !== (status === 'pass') && !known.has(title));
    expect(
      differing.map(({ title, status }) => `${title}: ${status}, ${JSON.stringify(results[all.findIndex((one) => one.title === title)])}`),
    ).toEqual([]);
    expect(results).toHaveLength(all.length);
  });
});
