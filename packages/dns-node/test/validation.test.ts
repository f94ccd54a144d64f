// Validation here beside that of unbound and of delv, on zones that BIND's tools signed. Needs Debian's unbound, nsd, bind9-utils and
// bind9-dnsutils; skipped where they are missing, an error in CI.
import type { DnsAnswer, RecordType } from '@mox/dns';
import { parseTrustAnchors, ValidatingResolver } from '@mox/dnssec';
import { formatTrace } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeResolver, StubResolver } from '../src/index.ts';
import { findMissing } from './servers.ts';
import { programs, type SignedPeers, startSignedPeers } from './signed-peers.ts';

const missing = findMissing(programs);
const needsServers = missing.length > 0 && !process.env['CI'];
const title = needsServers ? `unbound and delv (skipped: install ${missing.join(', ')})` : 'unbound and delv';

const questions: readonly (readonly [name: string, types: readonly RecordType[]])[] = [
  ['', ['SOA', 'MX', 'TXT', 'NS', 'DNSKEY', 'DS', 'A', 'CAA', 'NSEC3PARAM', 'SRV']],
  ['mail', ['A', 'AAAA', 'MX', 'CNAME', 'DS']],
  ['mixed', ['MX', 'A']],
  ['www', ['A', 'MX', 'CNAME', 'DS']],
  ['away', ['A', 'MX', 'CNAME']],
  ['wild-cname', ['A', 'AAAA']],
  ['x.alias', ['A', 'MX', 'CNAME']],
  ['_25._tcp.mail', ['TLSA', 'A']],
  ['_tcp.mail', ['TLSA', 'DS']],
  ['_25._tcp.none', ['TLSA']],
  ['_submissions._tcp', ['SRV']],
  ['any.wild', ['A', 'MX', 'DS']],
  ['wild', ['A']],
  ['very.much.wild', ['A', 'TXT']],
  ['*.wild', ['A']],
  ['er.still', ['A']],
  ['none', ['A', 'DS']],
  ['a.b.c.none', ['MX']],
  ['below.mail', ['A']],
  ['old', ['A', 'DNAME']],
  ['a.b.old', ['A', 'MX']],
  ['none.old', ['A']],
  ['unsigned', ['DS']],
  ['zzz', ['A']],
];

describe.skipIf(needsServers)(title, () => {
  let peers: SignedPeers;
  let stub: StubResolver;
  let validating: ValidatingResolver;
  beforeAll(async () => {
    peers = await startSignedPeers();
    stub = new StubResolver({ servers: [{ address: '127.0.0.1', port: peers.port }], timeoutMilliseconds: 10_000 });
    validating = create(stub);
  }, 120_000);
  afterAll(async () => {
    stub?.close();
    await peers?.stop();
  });

  function create(exchanger: StubResolver): ValidatingResolver {
    const trustAnchors = unwrap(parseTrustAnchors(peers.anchor));
    // As unbound is told too.
    return new ValidatingResolver({ exchanger, clock: { now: () => Date.now() }, trustAnchors, nsec3IterationLimit: 100 });
  }

  /** An answer in words that both sides can be compared by. */
  function facts({ status, security, aliases, records }: DnsAnswer): string {
    const data = records.map((record) => JSON.stringify(record.data)).toSorted();
    return security === 'bogus' ? 'bogus' : [status, security, ...aliases, ...data].join(' ');
  }

  async function compare(name: string, type: RecordType): Promise<{ readonly security: string; readonly difference?: string }> {
    const [theirs, ours] = [await stub.query(name, type), await validating.query(name, type)];
    const { security } = ours;
    if (facts(ours) === facts(theirs)) return { security };
    const words = `${facts(ours)} (${ours.problem}), unbound ${facts(theirs)} (${theirs.problem})`;
    return { security, difference: `${name} ${type}: ${words}\n${formatTrace(ours.trace ?? [])}` };
  }

  it('RFC 4035 §5: verdicts, answers and aliases are those of unbound', async () => {
    const all = peers.zones
      .flatMap((zone) =>
        questions.flatMap(([prefix, types]) => types.map((type) => ({ name: prefix === '' ? zone : `${prefix}.${zone}`, type }))),
      )
      // That would be for the root to say, which there is none of here.
      .filter(({ name, type }) => name !== 'example' || type !== 'DS');
    const results: Awaited<ReturnType<typeof compare>>[] = [];
    // As many at once as a busy server has.
    for (let at = 0; at < all.length; at += 64) {
      results.push(...(await Promise.all(all.slice(at, at + 64).map(({ name, type }) => compare(name, type)))));
    }
    expect(results.flatMap(({ difference }) => difference ?? []).join('\n\n')).toBe('');
    for (const security of ['secure', 'insecure', 'bogus'])
      expect(results.filter((result) => result.security === security).length, security).toBeGreaterThan(100);
  }, 120_000);

  // delv tells whether signatures fit, also where Opt-Out makes that no proof: such zones are left out.
  it('RFC 4035 §5: verdicts are those of delv', async () => {
    const asked = ['a8', 'a13', 'h15', 'plain', 'expired', 'changed', 'denied', 'nods', 'newalg'].flatMap((zone) =>
      (
        [
          ['mail', 'A'],
          ['none', 'A'],
          ['any.wild', 'A'],
        ] as const
      ).map(([prefix, type]) => ({ name: `${prefix}.${zone}.example`, type })),
    );
    const verdicts = await Promise.all(asked.map(async ({ name, type }) => `${name} ${(await validating.query(name, type)).security}`));
    expect(verdicts).toEqual(asked.map(({ name, type }) => `${name} ${peers.delv(name, type)}`));
  }, 60_000);

  it('the whole resolver validates what servers say that nobody trusts', async () => {
    const whole = new NodeResolver({
      servers: [{ address: '127.0.0.1', port: peers.port, trusted: false }],
      dnssec: 'validate',
      validation: { trustAnchors: unwrap(parseTrustAnchors(peers.anchor)) },
    });
    const answer = await whole.query('mail.a13.example', 'A');
    expect(answer).toMatchObject({ status: 'ok', security: 'secure' });
    expect(answer.trace?.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
      'zone example. secure',
      'zone a13.example. secure',
      'mail.a13.example. A secure',
    ]);
    expect(await whole.query('mail.plain.example', 'A')).toMatchObject({ status: 'ok', security: 'insecure' });
    expect(await whole.query('mail.expired.example', 'A')).toMatchObject({
      status: 'servfail',
      security: 'bogus',
      problem: expect.stringContaining('signature expired (7)'),
    });
    expect((await whole.query('mail.a13.example', 'A')).security).toBe('secure');
    whole.clearCache();
    expect((await whole.query('localhost', 'A')).status).toBe('ok');
    whole.close();
  });
});
