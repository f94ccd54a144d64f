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

/**
 * The same where nothing repeats: a call takes the next of 256 domains, whose names and records are all its own. What is remembered
 * of a few hundred records has long been forgotten when its turn comes again. Answers are made beforehand for both sides: what is
 * measured is the check.
 */
async function freshRow(title: string, zoneOf: (number: number) => readonly (readonly [name: string, text: string])[]): Promise<unknown> {
  const encoder = new TextEncoder();
  const zones = Array.from({ length: 256 }, (_, number) => zoneOf(number));
  const senders = zones.map(([first]) => `x@${first?.[0]}`);
  const ours = new Map<string, DnsAnswer>();
  const theirs = new Map<string, string[][]>();
  for (const [name, text] of zones.flat()) {
    ours.set(name, { ...none, status: 'ok', records: [{ name, type: 'TXT', ttlSeconds: 60, data: [encoder.encode(text)] }] });
    theirs.set(name, [[text]]);
  }
  const answering: Resolver = {
    query: async <T extends RecordType>(name: string) => (ours.get(name) ?? none) as unknown as DnsAnswer<T>,
  };
  const resolving = async (name: string): Promise<string[][]> => theirs.get(name) ?? [];
  let calls = 0;
  const facts = { ip: '192.0.2.1', helo: 'mail.example' };
  const next = (): string => senders[calls++ % senders.length] ?? '';
  return benchmark(`${title}, other names and records every call`, {
    ours: () => checkSpf({ ...facts, mailFrom: next() }, { resolver: answering }),
    mailauth: () => mailauthSpf({ ...facts, sender: next(), resolver: resolving }),
  });
}

function tenIncludes(number: number): (readonly [string, string])[] {
  const [high, low] = [number >> 8, number & 255];
  const names = includes.map((_, i) => `inc${number}.${i}.example`);
  return [
    [`ten${number}.example`, `v=spf1 ${names.map((name) => `include:${name}`).join(' ')} -all`],
    ...names.map((name, i): [string, string] => [
      name,
      `v=spf1 ip4:198.51.${high}.${low} ip4:203.${i}.${high}.${low} ${i === 9 ? 'ip4:192.0.2.1' : ''} ~all`,
    ]),
  ];
}

await row('spf: one ip4 record', 'one.example');
await row('spf: ten includes', 'ten.example');
await freshRow('spf: one ip4 record', (number) => [
  [`one${number}.example`, `v=spf1 ip4:10.0.${number >> 8}.${number & 255} ip4:192.0.2.0/24 -all`],
]);
await freshRow('spf: ten includes', tenIncludes);
await row('spf: hostile, a record that includes itself', 'loop.example');
await row('spf: hostile, 4,000 terms', 'long.example');
await row('spf: hostile, 500 macros of the sender', 'macros.example');
const hostile = `v=spf1 ${'a:%{d'.repeat(20_000)}`;
await benchmark('spf: hostile, 100 KB of open macros', { ours: () => parseSpfRecord(hostile) }, { bytes: hostile.length });
