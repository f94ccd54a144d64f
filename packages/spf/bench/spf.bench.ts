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

/** The same where nothing repeats: every call has names and records of its own, so that nothing remembered helps. */
async function freshRows(): Promise<void> {
  const facts = { ip: '192.0.2.1', helo: 'mail.example' };
  const freshText = (name: string): string | undefined => {
    const [, kind, number = '0'] = /^(one|ten|inc)(\d+)\./.exec(name) ?? [];
    const [high, low] = [Number(number) >> 8, Number(number) & 255];
    if (kind === 'one') return `v=spf1 ip4:192.0.2.0/24 ip4:10.0.${high & 255}.${low} -all`;
    if (kind === 'ten') return `v=spf1 ${includes.map((_, i) => `include:inc${number}.${i}.example`).join(' ')} -all`;
    return `v=spf1 ip4:198.51.${high & 255}.${low} ip4:203.0.${high & 255}.${low} ${name.includes('.9.') ? 'ip4:192.0.2.1' : ''} ~all`;
  };
  const freshResolver: Resolver = {
    query: async <T extends RecordType>(name: string) => {
      const data = [new TextEncoder().encode(freshText(name))];
      return { ...none, status: 'ok', records: [{ name, type: 'TXT', ttlSeconds: 60, data }] } as unknown as DnsAnswer<T>;
    },
  };
  let calls = 0;
  for (const [title, kind] of [
    ['one ip4 record', 'one'],
    ['ten includes', 'ten'],
  ]) {
    await benchmark(`spf: ${title}, other names and records every call`, {
      ours: () => checkSpf({ ...facts, mailFrom: `x@${kind}${calls++}.example` }, { resolver: freshResolver }),
      mailauth: () =>
        mailauthSpf({ ...facts, sender: `x@${kind}${calls++}.example`, resolver: async (name: string) => [[freshText(name) ?? '']] }),
    });
  }
}

await row('spf: one ip4 record', 'one.example');
await row('spf: ten includes', 'ten.example');
await freshRows();
await row('spf: hostile, a record that includes itself', 'loop.example');
await row('spf: hostile, 4,000 terms', 'long.example');
await row('spf: hostile, 500 macros of the sender', 'macros.example');
const hostile = `v=spf1 ${'a:%{d'.repeat(20_000)}`;
await benchmark('spf: hostile, 100 KB of open macros', { ours: () => parseSpfRecord(hostile) }, { bytes: hostile.length });
