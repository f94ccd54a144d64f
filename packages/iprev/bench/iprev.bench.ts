// Forward-confirmed reverse DNS over an in-memory zone.
import { ZoneResolver } from '@mox/dns/testing';
import { benchmark } from '../../../tools/bench-harness.ts';
import { checkIprev } from '../src/index.ts';

const names = Array.from({ length: 2000 }, (_, i) => `9.2.0.192.in-addr.arpa. PTR n${i}.example.`);
const resolver = new ZoneResolver(`
  1.2.0.192.in-addr.arpa. PTR mail.example.
  mail.example. A 192.0.2.1
  ${names.join('\n  ')}
`);

await benchmark('iprev: one name', { ours: () => checkIprev({ ip: '192.0.2.1' }, { resolver }) });
await benchmark('iprev: hostile, an address of 2,000 names', { ours: () => checkIprev({ ip: '192.0.2.9' }, { resolver }) });
