// Look-ups in lists over an in-memory zone.
import { ZoneResolver } from '@mox/dns/testing';
import { benchmark } from '../../../tools/bench-harness.ts';
import { checkDnsList, checkDnsLists } from '../src/index.ts';

const many = Array.from(
  { length: 1000 },
  (_, i) => `9.2.0.192.bad.example. A 127.0.${i >> 8}.${i & 255}\n9.2.0.192.bad.example. TXT "${'x'.repeat(2000)}"`,
);
const resolver = new ZoneResolver(`
1.2.0.192.bad.example. A 127.0.0.2
1.2.0.192.bad.example. TXT "listed"
${many.join('\n')}
`);
const list = { zone: 'bad.example' };
const lists = Array.from({ length: 10 }, (_, i) => ({ zone: `l${i}.example` }));

await benchmark('dnsbl: an address that is listed', { ours: () => checkDnsList({ ip: '192.0.2.1' }, list, { resolver }) });
await benchmark('dnsbl: ten lists without an entry', { ours: () => checkDnsLists({ ip: '2001:db8::1' }, lists, { resolver }) });
await benchmark('dnsbl: hostile, an entry of 2,000 records', { ours: () => checkDnsList({ ip: '192.0.2.9' }, list, { resolver }) });
