// What becomes of mail, for all that a sender may know of a policy and all that it may find at an MX host: a cell each.
import { ZoneResolver } from '@mox/dns/testing';
import { fromUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { findMtaStsPolicy, judgeMxHost, type MxHostFacts, type PolicyFetch, type PolicyMemory } from '../src/index.ts';

const now = Date.UTC(2026, 10, 23);
const hour = 3_600_000;

/** What the host of the policy serves. */
const serve =
  (body: string, status = 200, type = 'text/plain'): PolicyFetch =>
  async () => ({
    status,
    headers: { get: (name) => (name === 'content-type' ? type : null) },
    body: (async function* () {
      yield fromUtf8(body);
    })(),
  });
const fail =
  (error: Error): PolicyFetch =>
  async () => {
    throw error;
  };
const policyText = (mode: string): string => `version: STSv1\r\nmode: ${mode}\r\nmx: *.example.com\r\nmax_age: 604800\r\n`;
const served: Readonly<Record<string, PolicyFetch>> = {
  enforce: serve(policyText('enforce')),
  testing: serve(policyText('testing')),
  none: serve(policyText('none')),
  '404': serve('not here', 404, 'text/html'),
  '500': serve('', 500),
  redirect: serve(policyText('none'), 301),
  html: serve(policyText('none'), 200, 'text/html'),
  garbage: serve('version: STSv1\r\nmode: nonsense\r\n'),
  huge: serve(`version: STSv1\r\n${'x: y\r\n'.repeat(20_000)}`),
  unreachable: fail(new Error('connect ECONNREFUSED')),
  forged: fail(new TypeError('fetch failed', { cause: Object.assign(new Error('bad'), { code: 'CERT_HAS_EXPIRED' }) })),
  late: fail(new DOMException('too late', 'TimeoutError')),
};

const zones: Readonly<Record<string, ZoneResolver>> = {
  'no record': new ZoneResolver('example.com. MX 10 a.example.com.'),
  'record 1': new ZoneResolver('_mta-sts.example.com. TXT "v=STSv1; id=1;"'),
  'record 2': new ZoneResolver('_mta-sts.example.com. TXT "v=STSv1; id=2;"'),
  'two records': new ZoneResolver('_mta-sts.example.com. TXT "v=STSv1; id=1;"\n_mta-sts.example.com. TXT "v=STSv1; id=2;"'),
  'bad record': new ZoneResolver('_mta-sts.example.com. TXT "v=STSv1; id=?;"'),
  'no answer': new ZoneResolver('', { failures: { '_mta-sts.example.com': 'timeout' } }),
  forged: new ZoneResolver('', { securityOf: { '_mta-sts.example.com': 'bogus' } }),
};

const known = (mode: 'enforce' | 'testing' | 'none', ageMilliseconds = hour): PolicyMemory => ({
  policy: { mode, mx: ['*.example.com'], maxAgeSeconds: 604_800, extensions: [] },
  id: '1',
  fetchedAt: now - ageMilliseconds,
});
const memories: Readonly<Record<string, PolicyMemory | undefined>> = {
  nothing: undefined,
  enforce: known('enforce'),
  testing: known('testing'),
  none: known('none'),
  'enforce, a day old': known('enforce', 25 * hour),
  'enforce, expired': known('enforce', 605_000_000),
  'testing, expired': known('testing', 605_000_000),
};

const hosts: readonly MxHostFacts[] = [
  { host: 'mx.example.com', tls: true, certificateValid: true },
  { host: 'mx.evil.example', tls: true, certificateValid: true },
  { host: 'mx.example.com', tls: true, certificateValid: false, certificateFailure: 'certificate-expired' },
  { host: 'mx.example.com', tls: false, certificateValid: false },
  { host: 'deep.mx.example.com', tls: true, certificateValid: true },
];
/** `.` delivered, `r` delivered and reported, `X` refused. */
const marks = { deliver: '.', 'deliver-and-report': 'r', refuse: 'X' } as const;
const [ignored, tested, enforced] = ['.....', '.rrrr', '.XXXX'] as const;

/** Known before, the DNS, the policy host; where the policy in force is from, the outcome at each host, what a TLS report tells. */
type Cell = readonly [string, string, string, 'none' | 'cached' | 'fetched', string, string?];
const cells: readonly Cell[] = [
  ['nothing', 'no record', 'enforce', 'none', ignored],
  ['nothing', 'two records', 'enforce', 'none', ignored],
  ['nothing', 'bad record', 'enforce', 'none', ignored],
  ['nothing', 'no answer', 'enforce', 'none', ignored],
  ['nothing', 'forged', 'enforce', 'none', ignored],
  ['nothing', 'record 1', 'enforce', 'fetched', enforced],
  ['nothing', 'record 1', 'testing', 'fetched', tested],
  ['nothing', 'record 1', 'none', 'fetched', ignored],
  ['nothing', 'record 1', '404', 'none', ignored, 'sts-policy-fetch-error'],
  ['nothing', 'record 1', '500', 'none', ignored, 'sts-policy-fetch-error'],
  ['nothing', 'record 1', 'redirect', 'none', ignored, 'sts-policy-fetch-error'],
  ['nothing', 'record 1', 'html', 'none', ignored, 'sts-policy-fetch-error'],
  ['nothing', 'record 1', 'unreachable', 'none', ignored, 'sts-policy-fetch-error'],
  ['nothing', 'record 1', 'late', 'none', ignored, 'sts-policy-fetch-error'],
  ['nothing', 'record 1', 'garbage', 'none', ignored, 'sts-policy-invalid'],
  ['nothing', 'record 1', 'huge', 'none', ignored, 'sts-policy-invalid'],
  ['nothing', 'record 1', 'forged', 'none', ignored, 'sts-webpki-invalid'],

  ['enforce', 'record 1', 'none', 'cached', enforced],
  ['enforce', 'no record', 'none', 'cached', enforced, 'sts-policy-fetch-error'],
  ['enforce', 'two records', 'none', 'cached', enforced, 'sts-policy-fetch-error'],
  ['enforce', 'bad record', 'none', 'cached', enforced, 'sts-policy-fetch-error'],
  ['enforce', 'no answer', 'none', 'cached', enforced, 'sts-policy-fetch-error'],
  ['enforce', 'forged', 'none', 'cached', enforced, 'sts-policy-fetch-error'],
  ['enforce', 'record 2', 'enforce', 'fetched', enforced],
  ['enforce', 'record 2', 'testing', 'fetched', tested],
  ['enforce', 'record 2', 'none', 'fetched', ignored],
  ['enforce', 'record 2', '404', 'cached', enforced, 'sts-policy-fetch-error'],
  ['enforce', 'record 2', '500', 'cached', enforced, 'sts-policy-fetch-error'],
  ['enforce', 'record 2', 'redirect', 'cached', enforced, 'sts-policy-fetch-error'],
  ['enforce', 'record 2', 'html', 'cached', enforced, 'sts-policy-fetch-error'],
  ['enforce', 'record 2', 'unreachable', 'cached', enforced, 'sts-policy-fetch-error'],
  ['enforce', 'record 2', 'late', 'cached', enforced, 'sts-policy-fetch-error'],
  ['enforce', 'record 2', 'garbage', 'cached', enforced, 'sts-policy-invalid'],
  ['enforce', 'record 2', 'huge', 'cached', enforced, 'sts-policy-invalid'],
  ['enforce', 'record 2', 'forged', 'cached', enforced, 'sts-webpki-invalid'],

  ['testing', 'record 1', 'enforce', 'cached', tested],
  ['testing', 'no record', 'enforce', 'cached', tested, 'sts-policy-fetch-error'],
  ['testing', 'forged', 'enforce', 'cached', tested, 'sts-policy-fetch-error'],
  ['testing', 'record 2', 'enforce', 'fetched', enforced],
  ['testing', 'record 2', 'none', 'fetched', ignored],
  ['testing', 'record 2', '404', 'cached', tested, 'sts-policy-fetch-error'],
  ['testing', 'record 2', 'late', 'cached', tested, 'sts-policy-fetch-error'],
  ['testing', 'record 2', 'garbage', 'cached', tested, 'sts-policy-invalid'],
  ['testing', 'record 2', 'forged', 'cached', tested, 'sts-webpki-invalid'],

  ['none', 'record 1', 'enforce', 'cached', ignored],
  ['none', 'no record', 'enforce', 'cached', ignored],
  ['none', 'no answer', 'enforce', 'cached', ignored],
  ['none', 'record 2', 'enforce', 'fetched', enforced],
  ['none', 'record 2', '404', 'cached', ignored, 'sts-policy-fetch-error'],

  ['enforce, a day old', 'record 1', 'enforce', 'fetched', enforced],
  ['enforce, a day old', 'record 1', 'none', 'fetched', ignored],
  ['enforce, a day old', 'record 1', 'unreachable', 'cached', enforced, 'sts-policy-fetch-error'],
  ['enforce, a day old', 'no record', 'none', 'cached', enforced, 'sts-policy-fetch-error'],

  ['enforce, expired', 'no record', 'enforce', 'none', ignored],
  ['enforce, expired', 'no answer', 'enforce', 'none', ignored],
  ['enforce, expired', 'record 1', 'enforce', 'fetched', enforced],
  ['enforce, expired', 'record 1', '404', 'none', ignored, 'sts-policy-fetch-error'],
  ['enforce, expired', 'record 2', 'forged', 'none', ignored, 'sts-webpki-invalid'],
  ['testing, expired', 'record 1', 'testing', 'fetched', tested],
  ['testing, expired', 'record 1', '404', 'none', ignored, 'sts-policy-fetch-error'],
];

describe('the policy matrix', () => {
  const rows = cells.map(([before, zone, host, status, outcomes, failure]) => ({ before, zone, host, status, outcomes, failure }));
  it.each(rows)('RFC 8461 §5.1: known $before, $zone, served $host -> $status $outcomes', async (row) => {
    const { before, zone, host, status, outcomes, failure } = row;
    const [resolver, fetch] = [zones[zone] ?? expect.unreachable(), served[host] ?? expect.unreachable()];
    const found = await findMtaStsPolicy('example.com', memories[before], { resolver, fetch, now });
    expect([found.status, found.failure?.result]).toEqual([status, failure]);
    expect(hosts.map((facts) => marks[judgeMxHost(found.policy, facts).action]).join('')).toBe(outcomes);
  });

  it('RFC 8461 §5: nothing but a policy of mode enforce, fetched or live, ever refuses', async () => {
    for (const [before, memory] of Object.entries(memories)) {
      for (const resolver of Object.values(zones)) {
        for (const [host, fetch] of Object.entries(served)) {
          const { policy, status } = await findMtaStsPolicy('example.com', memory, { resolver, fetch, now });
          const refused = hosts.some((facts) => judgeMxHost(policy, facts).action === 'refuse');
          const enforcing = status === 'fetched' ? host === 'enforce' : status === 'cached' && /^enforce(?!, expired)/.test(before);
          expect(refused, `${before}, ${host}`).toBe(enforcing);
        }
      }
    }
  });
});
