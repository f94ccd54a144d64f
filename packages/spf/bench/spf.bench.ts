// SPF checks over an in-memory zone: ours beside mailauth.
import type { DnsAnswer, RecordType, Resolver } from '@mox/dns';
import { spf as mailauthSpf } from 'mailauth/lib/spf/index.js';
import { benchmark } from '../../../tools/bench-harness.ts';
import { checkSpf, parseSpfRecord } from '../src/index.ts';

const includes = Array.from({ length: 10 }, (_, i) => `inc${i}.example`);
const texts = new Map<string, string>([
  ['one.example', 'v=spf1 ip4:192.0.2.0/24 -all'],
  ['ten.example', `v=spf1 ${includes.map((name) => `include:${name}`).join(' ')} -all`],
  ...includes.map((name, i): [string, string] => [
    name,
    `v=spf1 ip4:198.51.100.${i} ip4:203.0.113.${i} ${i === 9 ? 'ip4:192.0.2.1' : ''} ~all`,
  ]),
  ['loop.example', 'v=spf1 include:loop.example include:loop.example -all'],
  ['long.example', `v=spf1 ${Array.from({ length: 4000 }, (_, i) => `ip4:10.${i >> 8}.${i & 255}.1`).join(' ')} -all`],
  ['macros.example', `v=spf1 exists:${'%{s}'.repeat(500)}.example -all`],
]);
const none: DnsAnswer = { status: 'nxdomain', security: 'insecure', records: [], aliases: [], ttlSeconds: 60 };
const answers = new Map<string, DnsAnswer>(
  [...texts].map(([name, text]) => [
    name,
    { ...none, status: 'ok', records: [{ name, type: 'TXT', ttlSeconds: 60, data: [new TextEncoder().encode(text)] }] },
  ]),
);
// As plain as the function that mailauth is given.
const resolver: Resolver = {
  query: async <T extends RecordType>(name: string) => (answers.get(name) ?? none) as unknown as DnsAnswer<T>,
};

async function resolve(name: string, type: string): Promise<string[][]> {
  const text = texts.get(name);
  if (text === undefined || type !== 'TXT') throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
  return [[text]];
}

function row(title: string, domain: string): Promise<unknown> {
  const facts = { ip: '192.0.2.1', helo: 'mail.example' };
  return benchmark(title, {
    ours: () => checkSpf({ ...facts, mailFrom: `x@${domain}` }, { resolver }),
    mailauth: () => mailauthSpf({ ...facts, sender: `x@${domain}`, resolver: resolve }),
  });
}

await row('spf: one ip4 record', 'one.example');
await row('spf: ten includes', 'ten.example');
await row('spf: hostile, a record that includes itself', 'loop.example');
await row('spf: hostile, 4,000 terms', 'long.example');
await row('spf: hostile, 500 macros of the sender', 'macros.example');
const hostile = `v=spf1 ${'a:%{d'.repeat(20_000)}`;
await benchmark('spf: hostile, 100 KB of open macros', { ours: () => parseSpfRecord(hostile) }, { bytes: hostile.length });
