// Chains that we, Mail::DKIM and python3-dkim seal in turn hold for all three, and odd ones are the same to all but where it is explained.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyCache } from '@mox/dkim';
import { ZoneResolver } from '@mox/dns/testing';
import { concatBytes, fromUtf8 } from '@mox/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Peer, runPeer } from '../../../tools/peer.ts';
import { makeKey } from '../../dkim/test/messages.ts';
import { available, mailDkim, pythonDkim } from '../../dkim/test/peers.ts';
import { sealArc, verifyArc } from '../src/index.ts';
import { fieldsOf, makeOddChains, type OddChain, plainSet, sealSets, withFields } from './odd-chains.ts';
import { explained } from './odd-chains-explained.ts';

const perlArc: Peer = {
  ...mailDkim,
  args: [join(import.meta.dirname, 'mail-dkim-arc.pl')],
  probe: ['-MMail::DKIM::ARC::Signer', '-MMail::AuthenticationResults', '-e', '1'],
};
const pythonArc: Peer = { ...pythonDkim, args: [join(import.meta.dirname, 'python-arc.py')], probe: ['-c', 'import dkim, authres'] };
const now = Date.now();
const keyCache = createKeyCache();
let folder = '';
let key: Awaited<ReturnType<typeof makeKey>>;
let resolver: ZoneResolver;
let dns: Readonly<Record<string, readonly string[]>>;
let chains: readonly OddChain[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mox-arc-'));
  key = await makeKey('rsa');
  writeFileSync(join(folder, 'key.pem'), key.pem, { mode: 0o600 });
  dns = { 'arc._domainkey.example.org': [key.record] };
  resolver = new ZoneResolver([{ name: 'arc._domainkey.example.org', type: 'TXT', ttlSeconds: 60, data: [fromUtf8(key.record)] }]);
  chains = await makeOddChains(key.privateKey);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function base64(message: Uint8Array): string {
  return Buffer.from(message).toString('base64');
}

/** The status of each message in a peer's eyes, and why. */
function verifyBy(peer: Peer, messages: readonly Uint8Array[]): [string, string][] {
  return runPeer(
    peer,
    messages.map((message) => ({ verify: base64(message), dns })),
  ) as [string, string][];
}

const sealers = {
  ours: async (message: Uint8Array, server: string, arrived: Uint8Array): Promise<string> => {
    const chain = await verifyArc(arrived, { resolver, now, keyCache });
    const results = { authservId: server, results: [{ method: 'arc', result: chain.status, properties: [] }] };
    const { privateKey } = key;
    return (await sealArc(message, { domain: 'example.org', selector: 'arc', privateKey, now, chain, results })) ?? '';
  },
  perl: async (message: Uint8Array, server: string): Promise<string> => {
    const keyFile = join(folder, 'key.pem');
    return String(runPeer(perlArc, [{ seal: base64(message), keyFile, domain: 'example.org', selector: 'arc', server }])[0]);
  },
  python: async (message: Uint8Array, server: string): Promise<string> =>
    String(runPeer(pythonArc, [{ seal: base64(message), key: key.pem, domain: 'example.org', selector: 'arc', server, dns }])[0]),
};

/** A message that goes from sealer to sealer, each of which may change it before it seals: as it is after each. */
async function passOn(
  names: readonly (keyof typeof sealers)[],
  change = (message: Uint8Array): Uint8Array => message,
): Promise<Uint8Array[]> {
  const stations: Uint8Array[] = [];
  let arrived = withFields([]);
  for (const [i, name] of names.entries()) {
    const server = `mx${i + 1}.example.org`;
    const message = concatBytes([fromUtf8(`Authentication-Results: ${server}; arc=${i === 0 ? 'none' : 'pass'}\r\n`), change(arrived)]);
    arrived = concatBytes([fromUtf8(await sealers[name](message, server, arrived)), message]);
    stations.push(arrived);
  }
  return stations;
}

describe.skipIf(!available(perlArc.command, perlArc.probe) || !available(pythonArc.command, pythonArc.probe))(
  "chains beside Debian's libmail-dkim-perl and python3-dkim (skipped where they are not installed)",
  () => {
    it.each([
      [['ours', 'ours', 'ours', 'ours', 'ours', 'ours', 'ours', 'ours']],
      [['perl', 'ours', 'python', 'ours', 'perl', 'python']],
      [['python', 'perl', 'ours', 'ours', 'python', 'perl']],
    ] as const)('RFC 8617 §5.1: %j', async (names) => {
      const stations = await passOn(names);
      for (const [i, station] of stations.entries()) {
        expect(await verifyArc(station, { resolver, now, keyCache }), String(i)).toMatchObject({
          status: 'pass',
          oldestPass: 0,
          nextInstance: i + 2,
        });
      }
      const passes = names.map(() => 'pass');
      expect(verifyBy(perlArc, stations).map(([status]) => status)).toEqual(passes);
      expect(verifyBy(pythonArc, stations).map(([status]) => status)).toEqual(passes);
    });

    it('RFC 8617 §5.2: a list that adds to the body between two seals', async () => {
      const stations = await passOn(['perl', 'ours', 'python', 'ours'], (message) =>
        concatBytes([message, fromUtf8('-- list footer\r\n')]),
      );
      for (const [i, station] of stations.entries())
        expect(await verifyArc(station, { resolver, now, keyCache })).toMatchObject({ status: 'pass', oldestPass: i === 0 ? 0 : i + 1 });
      expect(verifyBy(perlArc, stations).map(([status]) => status)).toEqual(['pass', 'pass', 'pass', 'pass']);
      expect(verifyBy(pythonArc, stations).map(([status]) => status)).toEqual(['pass', 'pass', 'pass', 'pass']);
    });

    it('RFC 8617 §4.2.1: chains of 1 to 50 sets', async () => {
      const sets = Array.from({ length: 50 }, (_, i) => plainSet(i + 1));
      const sealed = await sealSets(key.privateKey, sets);
      const messages = [1, 2, 9, 10, 25, 49, 50].map((count) => withFields(fieldsOf(sealed.slice(0, count))));
      for (const message of messages) expect((await verifyArc(message, { resolver, now, keyCache })).status).toBe('pass');
      expect(verifyBy(pythonArc, messages).map(([status]) => status)).toEqual(messages.map(() => 'pass'));
      // It takes a minute for fifty sets.
      expect(verifyBy(perlArc, messages.slice(0, 4)).map(([status]) => status)).toEqual(['pass', 'pass', 'pass', 'pass']);
    });

    it.each([
      ['P', perlArc],
      ['Y', pythonArc],
    ] as const)('RFC 8617 §5.2: %s differs in odd chains only where it is explained', (letter, peer) => {
      const results = verifyBy(
        peer,
        chains.map(({ message }) => message),
      );
      const known = new Set(explained.filter(([peers]) => peers.includes(letter)).flatMap(([, , ...titles]) => titles));
      const differing = chains.filter(({ title, status }, i) => (results[i]?.[0] === 'pass') !== (status === 'pass') && !known.has(title));
      expect(
        differing.map(
          ({ title, status }) => `${title}: ${status}, ${JSON.stringify(results[chains.findIndex((one) => one.title === title)])}`,
        ),
      ).toEqual([]);
      expect(results).toHaveLength(chains.length);
    });
  },
);

describe('odd chains', () => {
  it('RFC 8617 §5.2: are what they are to be', async () => {
    for (const { title, status, message } of chains) {
      const result = await verifyArc(message, { resolver, now, keyCache });
      expect(result.status, `${title}: ${result.problem}`).toBe(status);
      expect(result.problem !== undefined, title).toBe(status === 'fail');
    }
  });

  it('each has a title of its own, and each explanation a chain', () => {
    const titles = chains.map(({ title }) => title);
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
    expect(explained.flatMap(([, , ...of]) => of).filter((title) => !titles.includes(title))).toEqual([]);
  });
});
