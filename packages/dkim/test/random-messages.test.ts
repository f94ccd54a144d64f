// Messages made by chance, signed in every way, and changed by chance: each of four implementations says the same.
import { ZoneResolver } from '@mox/dns/testing';
import { fromLatin1, fromUtf8 } from '@mox/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomNumbers } from '../../../tools/fuzz.ts';
import { type Peer, runPeer } from '../../../tools/peer.ts';
import { createKeyCache, signDkim, verifyDkim } from '../src/index.ts';
import { makeKey } from './messages.ts';
import { available, libopendkim, mailDkim, pythonDkim } from './peers.ts';

const random = randomNumbers(6376);
const below = (limit: number): number => Math.floor(random() * limit);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

const words = ['a', 'word', 'caf\xc3\xa9', '\xff\xfe', '<a@b.example>', '"q, s"', ';', ':', '=', '.', '..', '--b', 'x'.repeat(80), 'b=x;'];
const blanks = ['', ' ', '  ', '\t', ' \t '];
const foldings = [...blanks, '\r\n ', ' \r\n\t', '\r\n\t \t'];

function makeHeader(): string[] {
  const names = ['Subject', 'To', 'Cc', 'X-A', 'x-a', 'Date', 'Received', 'Message-ID', 'MIME-Version'];
  const value = (): string => times(below(6), () => pick(foldings) + pick(words)).join('') + pick(blanks);
  const fields = times(1 + below(8), () => `${pick(names)}:${pick([' ', '', '\t', '\r\n '])}${value()}\r\n`);
  fields.splice(below(fields.length + 1), 0, 'From: Jane <jane@example.org>\r\n');
  return fields;
}

function makeLine(): string {
  return times(below(6), () => pick(blanks) + pick(words)).join('') + pick(['', '', ' ', ' \t']) + pick(['\r\n', '\r\n', '\r\n\r\n']);
}

/** A change of a message: at a place, in a word or a field. */
const changes: readonly ((header: string[], lines: string[]) => void)[] = [
  () => {},
  (header) => header.splice(below(header.length), 0, `${pick(['X-A', 'Subject', 'X-New'])}: new\r\n`),
  (header) => header.splice(below(header.length), 1),
  (header) => header.splice(below(header.length), 0, ...header.splice(below(header.length), 1)),
  (header) => header.splice(0, header.length, ...header.map((field) => field.replace(/: ?/, pick([':', ': ', ':  ', ':\r\n '])))),
  (header) => header.splice(0, header.length, ...header.map((field) => field.replace('a', 'A'))),
  (_, lines) => lines.push('\r\n'),
  (_, lines) => lines.push('added\r\n'),
  (_, lines) => lines.pop(),
  (_, lines) => lines.splice(0, lines.length, ...lines.map((line) => line.replace('\r\n', ' \r\n'))),
  (_, lines) => lines.splice(0, lines.length, ...lines.map((line) => line.replace(/[ \t]+/, pick(blanks)))),
];

interface Sent {
  readonly title: string;
  readonly message: Uint8Array;
}

const now = Date.now();
const keyCache = createKeyCache();
let record = '';
let resolver: ZoneResolver;
let sent: readonly Sent[];

beforeAll(async () => {
  const key = await makeKey('rsa');
  record = key.record;
  resolver = new ZoneResolver([{ name: 'sel._domainkey.example.org', type: 'TXT', ttlSeconds: 60, data: [fromUtf8(record)] }]);
  sent = await Promise.all(
    times(600, () => {
      const header = makeHeader();
      const lines = times(below(10), makeLine);
      const canonicalization = { header: pick(['simple', 'relaxed'] as const), body: pick(['simple', 'relaxed'] as const) };
      // Mail::DKIM does not cut the one line end that a body without content is.
      const lengthBytes = below(6) === 0 && lines.some((line) => line.trim() !== '') ? 1 : undefined;
      const headers = times(below(6), () => pick(['To', 'SUBJECT', 'X-A', 'Cc', 'X-None', 'Date']));
      const original = fromLatin1(`${header.join('')}\r\n${lines.join('')}`);
      const change = below(2) === 0 ? 0 : below(changes.length);
      changes[change]?.(header, lines);
      const changed = `${header.join('')}\r\n${lines.join('')}`;
      const signing = {
        domain: 'example.org',
        selector: 'sel',
        privateKey: key.privateKey,
        canonicalization,
        headers,
        oversign: ['From'],
        now,
      };
      return signDkim(original, [{ ...signing, ...(lengthBytes !== undefined && { lengthBytes }) }]).then((fields) => ({
        title: `change ${change}, ${canonicalization.header}/${canonicalization.body}, l=${lengthBytes}: ${JSON.stringify(changed)}`,
        message: fromLatin1(fields + changed),
      }));
    }),
  );
});

/** Whether the signature of each message is right in a peer's eyes. */
function verifyBy(peer: Peer): boolean[] {
  const dns = { 'sel._domainkey.example.org': [record] };
  const results = runPeer(
    peer,
    sent.map(({ message }) => ({ verify: Buffer.from(message).toString('base64'), dns })),
  );
  return (results as [boolean, string][][]).map((signatures) => signatures[0]?.[0] ?? false);
}

async function ours(): Promise<boolean[]> {
  const results = await Promise.all(sent.map(({ message }) => verifyDkim(message, { resolver, now, keyCache })));
  return results.map(([result]) => result?.status === 'pass');
}

describe('messages made by chance', () => {
  it('RFC 6376 §3.4: many are whole, and many are not', async () => {
    const passed = (await ours()).filter(Boolean).length;
    expect(passed).toBeGreaterThan(sent.length / 2);
    expect(passed).toBeLessThan((sent.length * 9) / 10);
  });

  it.each([mailDkim, pythonDkim, libopendkim])('RFC 6376 §3.4: the same to $name (skipped where it is not installed)', async (peer) => {
    if (!available(peer.command, peer.probe)) return;
    const expected = await ours();
    const found = verifyBy(peer);
    expect(sent.filter((_, i) => found[i] !== expected[i]).map(({ title }) => title)).toEqual([]);
  });
});
