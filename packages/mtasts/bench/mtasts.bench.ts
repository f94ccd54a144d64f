// Records and policies read, hosts matched, and hostile ones.
import { ZoneResolver } from '@mox/dns/testing';
import { fromUtf8 } from '@mox/runtime';
import { benchmark } from '../../../tools/bench-harness.ts';
import { findMtaStsPolicy, matchesMx, parseMtaStsPolicy, parseMtaStsRecord } from '../src/index.ts';

const policyOf = (lines: readonly string[]): string => ['version: STSv1', 'mode: enforce', 'max_age: 604800', ...lines, ''].join('\r\n');
const text = policyOf(['mx: mail.example.com', 'mx: *.example.net', 'mx: backup.example.com']);
await benchmark('mtasts: parse a record', { ours: () => parseMtaStsRecord('v=STSv1; id=20160831085700Z;') });
await benchmark('mtasts: parse a policy', { ours: () => parseMtaStsPolicy(text) }, { bytes: text.length });

const resolver = new ZoneResolver('_mta-sts.example.com. TXT "v=STSv1; id=1;"');
async function* body(): AsyncGenerator<Uint8Array> {
  yield fromUtf8(text);
}
const fetch = async () => ({ status: 200, headers: { get: () => 'text/plain' }, body: body() });
const deps = { resolver, fetch, now: 0 };
const { memory } = await findMtaStsPolicy('example.com', undefined, deps);
await benchmark('mtasts: find a policy, fetched', { ours: () => findMtaStsPolicy('example.com', undefined, deps) });
await benchmark('mtasts: find a policy, cached', { ours: () => findMtaStsPolicy('example.com', memory, deps) });

const most = parseMtaStsPolicy(policyOf(Array.from({ length: 1000 }, (_, i) => `mx: mx${i}.example.com`)));
if (!most.ok) throw new Error(most.error.message);
await benchmark('mtasts: match a host by 1,000 patterns', { ours: () => matchesMx(most.value, 'mx.example.org') });

const hostile: Readonly<Record<string, string>> = {
  '20,000 patterns': policyOf(Array.from({ length: 20_000 }, (_, i) => `mx: mx${i}.example.com`)),
  'a value of 1 MB of blanks': policyOf([`x: a${' '.repeat(1 << 20)}\t`]),
  '1 MB of line ends': policyOf(['\n'.repeat(1 << 20)]),
};
for (const [what, policy] of Object.entries(hostile)) {
  await benchmark(`mtasts: hostile, ${what}`, { ours: () => parseMtaStsPolicy(policy) }, { bytes: policy.length });
}
const record = `v=STSv1;${' '.repeat(1 << 20)}x; id=1`;
await benchmark('mtasts: hostile, a record of 1 MB of blanks', { ours: () => parseMtaStsRecord(record) }, { bytes: record.length });
