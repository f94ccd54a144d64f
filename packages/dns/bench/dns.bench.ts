// The codec beside dns-packet, and the cache.
import packet from 'dns-packet';
import { benchmark } from '../../../tools/bench-harness.ts';
import { CachingResolver, type DnsMessage, formatMessage, formatQuery, interpretAnswer, parseMessage } from '../src/index.ts';
import { ZoneResolver } from '../src/testing.ts';

const name = 'example.org';
const base = {
  id: 4660,
  response: true,
  opcode: 0,
  authoritative: false,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  authentic: true,
  checkingDisabled: false,
  rcode: 0,
  questions: [{ name, type: 'MX', class: 1 }],
  authorities: [],
  additionals: [],
  edns: { udpPayloadSizeBytes: 1232, version: 0, dnssecOk: true, options: [] },
} satisfies Omit<DnsMessage, 'answers'>;
const exchanges = Array.from({ length: 5 }, (_, i) => `mx${i}.mail.example.org`);
const mx: DnsMessage = {
  ...base,
  answers: exchanges.map((exchange, i) => ({ name, type: 'MX', ttlSeconds: 300, data: { preference: 10 * i, exchange } })),
};
const txt: DnsMessage = {
  ...base,
  questions: [{ name, type: 'TXT', class: 1 }],
  answers: Array.from({ length: 10 }, () => ({ name, type: 'TXT', ttlSeconds: 300, data: [new Uint8Array(200).fill(97)] })),
};

async function rows(title: string, message: DnsMessage): Promise<void> {
  const bytes = formatMessage(message);
  const buffer = Buffer.from(bytes);
  const theirs = packet.decode(buffer);
  await benchmark(
    `dns: parse ${title}`,
    { ours: () => parseMessage(bytes), 'dns-packet': () => packet.decode(buffer) },
    { bytes: bytes.length },
  );
  await benchmark(`dns: format ${title}`, { ours: () => formatMessage(message), 'dns-packet': () => packet.encode(theirs) });
}

await rows('5 MX records', mx);
await rows('10 TXT records', txt);
await benchmark('dns: format a query', {
  ours: () => formatQuery('mail.example.org', 'A', { id: 1, dnssec: true }),
  'dns-packet': () =>
    packet.encode({
      type: 'query',
      id: 1,
      flags: packet.RECURSION_DESIRED,
      questions: [{ name: 'mail.example.org', type: 'A' }],
      additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: packet.DNSSEC_OK, options: [] }],
    }),
});
await benchmark('dns: an MX answer out of its message', { ours: () => interpretAnswer(mx, 'MX', { name, trusted: true }) });

const cache = new CachingResolver(new ZoneResolver('example.org. 300 TXT "v=spf1 -all"'), { clock: { now: () => 1000 } });
await benchmark('dns: a question that the cache answers', { ours: () => cache.query('example.org', 'TXT') });

/** 64 KB: pointers, each to the one before, and records whose names begin at the last of them. */
function pointerBomb(): Uint8Array {
  const bytes = new Uint8Array(65_000);
  const pointers = 8000;
  const first = 23;
  bytes.set([0x12, 0x34, 0x81, 0x80, 0, 0, 0x0f, 0, 0, 0, 0, 0]);
  bytes.set([0, 0xff, 0x01, 0, 1, 0, 0, 0, 0, (pointers * 2) >>> 8, (pointers * 2) & 255], 12);
  for (let i = 1; i < pointers; i++) {
    const target = first + 2 * (i - 1);
    bytes.set([0xc0 | (target >>> 8), target & 255], first + 2 * i);
  }
  const last = first + 2 * (pointers - 1);
  for (let at = first + 2 * pointers; at + 12 <= bytes.length; at += 12) bytes.set([0xc0 | (last >>> 8), last & 255, 0xff, 1, 0, 1], at);
  return bytes;
}

/** 64 KB of records whose names are a label of their own before the longest name that leaves room for it. */
function longNames(): Uint8Array {
  const bytes = new Uint8Array(65_000);
  const record = [0xff, 1, 0, 1, 0, 0, 0, 0, 0, 0];
  const longest = 253;
  for (let at = 0; at < longest - 1; at += 2) bytes.set([1, 97], 12 + at);
  bytes.set(record, 12 + longest);
  let count = 1;
  for (let at = 12 + longest + 10; at + 14 <= bytes.length; at += 14, count++) bytes.set([1, 98, 0xc0, 12, ...record], at);
  bytes.set([0x12, 0x34, 0x81, 0x80, 0, 0, count >>> 8, count & 255, 0, 0, 0, 0]);
  return bytes;
}

const bomb = pointerBomb();
await benchmark('dns: hostile, 64 KB of pointers to pointers', { ours: () => parseMessage(bomb) }, { bytes: bomb.length });
const long = longNames();
if (!parseMessage(long).ok) throw new Error('the names must be read to be measured');
await benchmark('dns: hostile, 64 KB of records of the longest name', { ours: () => parseMessage(long) }, { bytes: long.length });
