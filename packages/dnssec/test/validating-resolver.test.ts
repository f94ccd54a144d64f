import {
  CachingResolver,
  type DnsAnswer,
  type DnsMessage,
  encodeName,
  formatMessage,
  type MessageRecord,
  type RecordData,
  type RecordType,
} from '@mox/dns';
import { concatBytes, formatTrace, hash, ManualClock } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { describe, expect, it } from 'vitest';
import { mutants, randomNumbers } from '../../../tools/fuzz.ts';
import { parseTrustAnchors, rootTrustAnchor, ValidatingResolver, type ValidatingResolverOptions } from '../src/index.ts';
import { createZoneKey } from '../src/zone-key.ts';
import { makeKey, now, type SigningKey, signSet, World, type ZoneOptions } from './signed-zones.ts';

const text = `
@ MX 10 mail
mail A 192.0.2.1
mail AAAA 2001:db8::1
www CNAME mail
away CNAME www.plain.example.
deep.er.still A 192.0.2.4
*.wild A 192.0.2.9
*.alias CNAME mail
old DNAME new
a.b.new A 192.0.2.7
unsigned NS ns.elsewhere.
`;

function world(zones: readonly Partial<ZoneOptions>[] = []): World {
  const changes = new Map(zones.map((zone) => [zone.name ?? '', zone]));
  const all: ZoneOptions[] = [
    { name: '' },
    { name: 'example' },
    { name: 'secure.example', text },
    { name: 'hashed.example', text, nsec3: { salt: Uint8Array.of(1, 2), iterations: 3 } },
    { name: 'optout.example', text, nsec3: { optOut: true } },
    { name: 'plain.example', text, algorithm: false },
    { name: 'sub.optout.example', text: 'mail A 192.0.2.1', algorithm: false },
  ];
  return new World([
    ...all.map((zone) => ({ ...zone, ...changes.get(zone.name) })),
    ...zones.filter(({ name }) => !all.some((zone) => zone.name === name)).map((zone) => ({ name: '', ...zone })),
  ]);
}

function resolverFor(exchanger: World, options: Partial<ValidatingResolverOptions> = {}): ValidatingResolver {
  return new ValidatingResolver({ exchanger, clock: new ManualClock(now * 1000), trustAnchors: [exchanger.anchor], ...options });
}

const common = world();

describe('ValidatingResolver', () => {
  it.each([
    ['mail.secure.example', 'A', 'ok', 'secure'],
    ['mail.secure.example', 'MX', 'nodata', 'secure'],
    ['none.secure.example', 'A', 'nxdomain', 'secure'],
    ['below.mail.secure.example', 'A', 'nxdomain', 'secure'],
    ['er.still.secure.example', 'A', 'nodata', 'secure'],
    ['any.wild.secure.example', 'A', 'ok', 'secure'],
    ['much.deeper.wild.secure.example', 'A', 'ok', 'secure'],
    ['any.wild.secure.example', 'MX', 'nodata', 'secure'],
    ['www.secure.example', 'A', 'ok', 'secure'],
    ['www.secure.example', 'MX', 'nodata', 'secure'],
    ['x.alias.secure.example', 'AAAA', 'ok', 'secure'],
    ['away.secure.example', 'A', 'ok', 'insecure'],
    ['a.b.old.secure.example', 'A', 'ok', 'secure'],
    ['none.old.secure.example', 'A', 'nxdomain', 'secure'],
    ['mail.hashed.example', 'A', 'ok', 'secure'],
    ['mail.hashed.example', 'MX', 'nodata', 'secure'],
    ['none.hashed.example', 'A', 'nxdomain', 'secure'],
    ['a.b.c.none.hashed.example', 'A', 'nxdomain', 'secure'],
    ['er.still.hashed.example', 'A', 'nodata', 'secure'],
    ['any.wild.hashed.example', 'A', 'ok', 'secure'],
    ['any.wild.hashed.example', 'MX', 'nodata', 'secure'],
    ['a.b.old.hashed.example', 'A', 'ok', 'secure'],
    ['mail.optout.example', 'A', 'ok', 'secure'],
    ['none.optout.example', 'A', 'nxdomain', 'insecure'],
    ['unsigned.optout.example', 'DS', 'nodata', 'insecure'],
    ['unsigned.secure.example', 'DS', 'nodata', 'secure'],
    ['unsigned.hashed.example', 'DS', 'nodata', 'secure'],
    ['mail.sub.optout.example', 'A', 'ok', 'insecure'],
    ['any.wild.optout.example', 'A', 'ok', 'insecure'],
    ['mail.plain.example', 'A', 'ok', 'insecure'],
    ['mail.plain.example', 'MX', 'nodata', 'insecure'],
    ['none.plain.example', 'A', 'nxdomain', 'insecure'],
    ['secure.example', 'DS', 'ok', 'secure'],
    ['secure.example', 'DNSKEY', 'ok', 'secure'],
    ['secure.example', 'SOA', 'ok', 'secure'],
    ['plain.example', 'DS', 'nodata', 'secure'],
    ['', 'SOA', 'ok', 'secure'],
    ['', 'DS', 'nodata', 'secure'],
    ['none', 'A', 'nxdomain', 'secure'],
    ['a..b', 'A', 'malformed-name', 'indeterminate'],
  ] as const)('RFC 4035 §5: %s %s is %s, %s', async (name, type, status, security) => {
    const answer = await resolverFor(common).query(name, type);
    expect([answer.status, answer.security], `${answer.problem}\n${formatTrace(answer.trace ?? [])}`).toEqual([status, security]);
  });

  it.each([5, 7, 8, 10, 13, 14, 15, 16])('RFC 8624 §3.1: signatures of algorithm %i are validated', async (algorithm) => {
    const zones = world([{ name: 'secure.example', algorithm }]);
    expect((await resolverFor(zones).query('mail.secure.example', 'A')).security).toBe('secure');
    zones.bend = (message, name) => (name === 'mail.secure.example' ? replaceAddress(message) : message);
    expect((await resolverFor(zones).query('mail.secure.example', 'A')).security).toBe('bogus');
  });

  it.each([1, 2, 4])('RFC 8624 §3.3: digests of type %i are validated', async (digestType) => {
    const zones = world([{ name: 'secure.example', digestType }]);
    expect((await resolverFor(zones).query('mail.secure.example', 'A')).security).toBe('secure');
  });

  it('RFC 4509 §3: a digest by SHA-1 counts for nothing beside a better one', async () => {
    const zones = world();
    const zone = zones.zone('secure.example');
    const sha1: MessageRecord = {
      name: zone.name,
      type: 'DS',
      ttlSeconds: 300,
      data: {
        ...zone.ds,
        digestType: 1,
        digest: hash('sha1', concatBytes([encodeName(zone.name), createZoneKey(zone.key?.data ?? never()).bytes])),
      },
    };
    const wrong: MessageRecord = { name: zone.name, type: 'DS', ttlSeconds: 300, data: { ...zone.ds, digest: new Uint8Array(32) } };
    const above = zones.zone('example');
    above.records.get(zone.name)?.set('DS', [sha1]);
    expect((await resolverFor(zones).query('mail.secure.example', 'A')).security).toBe('secure');
    const both = world();
    both
      .zone('example')
      .records.get(zone.name)
      ?.set('DS', [{ ...sha1 }, wrong]);
    expect((await resolverFor(both).query('mail.secure.example', 'A')).security).toBe('bogus');
  });

  it.each([
    ['algorithm', 200, 2, 1],
    ['digest', 13, 200, 2],
  ] as const)('RFC 6840 §5.2: a zone with DS records of an unknown %s alone counts as unsigned', async (_, algorithm, digestType, code) => {
    const zones = world();
    const { ds } = zones.zone('secure.example');
    const set: MessageRecord = { name: 'secure.example', type: 'DS', ttlSeconds: 300, data: { ...ds, algorithm, digestType } };
    zones.zone('example').records.get('secure.example')?.set('DS', [set]);
    const answer = await resolverFor(zones).query('mail.secure.example', 'A');
    expect(answer).toMatchObject({ status: 'ok', security: 'insecure', extendedErrors: [{ code }] });
  });
});

describe('what is wrong is bogus, and said', () => {
  const zones = world();

  it.each<[string, string, RecordType, number, (message: DnsMessage, name: string, type: string) => DnsMessage]>([
    ['RFC 4035 §5.3: a record was changed', 'mail.secure.example', 'A', 6, (message) => replaceAddress(message)],
    [
      'RFC 4035 §5.3: a record was added',
      'mail.secure.example',
      'A',
      6,
      (message) => ({ ...message, answers: [...message.answers, address('mail.secure.example', '203.0.113.9')] }),
    ],
    [
      'RFC 4035 §5: signatures are missing',
      'mail.secure.example',
      'A',
      10,
      (message) => ({ ...message, answers: unsigned(message.answers) }),
    ],
    [
      'RFC 4035 §5.4: a denial without signatures',
      'none.secure.example',
      'A',
      10,
      (message) => ({ ...message, authorities: unsigned(message.authorities) }),
    ],
    [
      'RFC 4035 §5.4: a denial without proof',
      'none.secure.example',
      'A',
      12,
      (message) => ({ ...message, authorities: without(message.authorities, 'NSEC') }),
    ],
    [
      'RFC 5155 §8.4: a denial without proof',
      'none.hashed.example',
      'A',
      12,
      (message) => ({ ...message, authorities: without(message.authorities, 'NSEC3') }),
    ],
    [
      'RFC 4035 §5.3.4: a wildcard without the proof that it is one',
      'any.wild.secure.example',
      'A',
      12,
      (message) => ({ ...message, authorities: [] }),
    ],
    [
      'RFC 5155 §8.8: a wildcard without the proof that it is one',
      'any.wild.hashed.example',
      'A',
      12,
      (message) => ({ ...message, authorities: [] }),
    ],
    [
      'RFC 4035 §5.2: DS records without signatures',
      'mail.secure.example',
      'A',
      10,
      (message, name, type) => (type === 'DS' && name === 'secure.example' ? { ...message, answers: unsigned(message.answers) } : message),
    ],
    [
      'RFC 4035 §5.2: DS records that are not there',
      'mail.secure.example',
      'A',
      10,
      (message, name, type) => (type === 'DS' && name === 'secure.example' ? { ...message, answers: [] } : message),
    ],
    [
      'RFC 4035 §5.2: keys that are not there',
      'mail.secure.example',
      'A',
      9,
      (message, name, type) => (type === 'DNSKEY' && name === 'secure.example' ? { ...message, answers: [] } : message),
    ],
    [
      'RFC 4035 §5.2: keys without signatures',
      'mail.secure.example',
      'A',
      10,
      (message, name, type) =>
        type === 'DNSKEY' && name === 'secure.example' ? { ...message, answers: unsigned(message.answers) } : message,
    ],
    [
      'RFC 4035 §5.2: keys of another zone',
      'mail.secure.example',
      'A',
      9,
      (message, name, type) =>
        type === 'DNSKEY' && name === 'secure.example'
          ? { ...message, answers: zones.answer('example', 'DNSKEY').answers.map((record) => ({ ...record, name })) }
          : message,
    ],
    [
      'RFC 6840 §4.3: NODATA where there is an alias',
      'www.secure.example',
      'A',
      12,
      (message, name) => {
        const zone = zones.zone('secure.example');
        const authorities = [...zone.set('secure.example', 'SOA'), ...zone.denial('www.secure.example').records];
        return name === 'www.secure.example' ? { ...message, answers: [], authorities } : message;
      },
    ],
    [
      'RFC 6840 §4.1: the zone above denies what is below a delegation',
      'mail.plain.example',
      'DS',
      12,
      (message, name, type) =>
        name === 'mail.plain.example' && type === 'DS'
          ? {
              ...message,
              rcode: 3,
              authorities: [...zones.zone('example').set('example', 'SOA'), ...zones.zone('example').denial('plain.example').records],
            }
          : message,
    ],
    [
      'RFC 6840 §4.4: a delegation without DS, by a name that is none',
      'mail.secure.example',
      'A',
      12,
      (message, name, type) =>
        name === 'secure.example' && type === 'DS'
          ? { ...message, answers: [], authorities: zones.zone('example').denial('zzz.example').records }
          : message,
    ],
    [
      'RFC 4035 §5.2: DS records by the zone below',
      'secure.example',
      'DS',
      12,
      (message, name, type) =>
        name === 'secure.example' && type === 'DS'
          ? {
              ...message,
              answers: [],
              authorities: [
                ...zones.zone('secure.example').set('secure.example', 'SOA'),
                ...zones.zone('secure.example').denial('secure.example').records,
              ],
            }
          : message,
    ],
    [
      'RFC 6672 §5.3.1: an alias that does not follow from its DNAME',
      'a.b.old.secure.example',
      'A',
      6,
      (message) => ({
        ...message,
        answers: message.answers.map((record) => (record.type === 'DNAME' ? { ...record, data: 'evil.example' } : record)),
      }),
    ],
  ])('%s', async (_, name, type, code, bend) => {
    zones.bend = (message, asked, kind) => (asked === name || kind === 'DS' || kind === 'DNSKEY' ? bend(message, asked, kind) : message);
    const answer = await resolverFor(zones).query(name, type);
    if (name === 'mail.plain.example') return expect(answer.security).not.toBe('secure');
    expect(answer, formatTrace(answer.trace ?? [])).toMatchObject({ status: 'servfail', security: 'bogus', records: [], ttlSeconds: 0 });
    expect(answer.extendedErrors?.map((error) => error.code)).toEqual([code]);
    expect(answer.problem).toContain(`(${code})`);
    expect(answer.trace?.at(-1)?.outcome).toBe('bogus');
  });

  it.each([
    ['RFC 4035 §5.3.1: expired', { inception: now - 7200, expiration: now - 3600 }, 7],
    ['RFC 4035 §5.3.1: not yet valid', { inception: now + 3600, expiration: now + 7200 }, 8],
    ['RFC 4034 §3.1.5: ends before it begins', { inception: now + 100, expiration: now - 100 }, 25],
  ] as const)('%s', async (_, times, code) => {
    const answer = await resolverFor(world([{ name: 'secure.example', ...times }])).query('mail.secure.example', 'A');
    expect(answer).toMatchObject({ security: 'bogus', extendedErrors: [{ code }] });
  });

  it('RFC 4034 §3.1.5: times go on beyond 2^32, and a clock may be a little wrong', async () => {
    const around = world([{ name: 'secure.example', inception: 2 ** 32 - 100, expiration: 100 }]);
    const late = { clock: new ManualClock(2 ** 32 * 1000), trustAnchors: [around.zone('secure.example').anchor] };
    expect((await resolverFor(around, late).query('mail.secure.example', 'A')).security).toBe('secure');
    const early = world([{ name: 'secure.example', inception: now + 60, expiration: now + 7200 }]);
    expect((await resolverFor(early).query('mail.secure.example', 'A')).security).toBe('bogus');
    expect((await resolverFor(early, { clockSkewSeconds: 300 }).query('mail.secure.example', 'A')).security).toBe('secure');
  });

  it('RFC 4034 §2.1.1: a key without the flag of a zone key, or that was revoked, signs nothing', async () => {
    for (const [flags, code] of [
      [1, 11],
      [257 | 0x80, 11],
    ] as const) {
      const bent = world();
      const zone = bent.zone('secure.example');
      const key = makeKey(13, flags);
      const record: MessageRecord = { name: zone.name, type: 'DNSKEY', ttlSeconds: 300, data: key.data };
      const set: MessageRecord = { name: zone.name, type: 'DS', ttlSeconds: 300, data: dsOf(zone.name, key) };
      bent.zone('example').records.get(zone.name)?.set('DS', [set]);
      bent.bend = (message, name, type) =>
        name === zone.name && type === 'DNSKEY' ? { ...message, answers: [record, signSet([record], key, zone.name)] } : message;
      expect((await resolverFor(bent).query('mail.secure.example', 'A')).extendedErrors?.[0]?.code, `${flags}`).toBe(code);
    }
  });

  it.each<[string, (set: readonly MessageRecord[], key: SigningKey) => MessageRecord]>([
    ['RFC 4035 §5.3.1: signed by a zone that is not its own', (set, key) => signSet(set, key, 'other.example')],
    ['RFC 4035 §5.3.1: signed for more labels than it has', (set, key) => signSet(set, key, 'secure.example', { labels: 4 })],
    ['RFC 4035 §5.3.1: signed for another type', (set, key) => signSet(set, key, 'secure.example', { typeCovered: 'AAAA' })],
    ['RFC 4035 §5.3.1: signed for fewer labels than its zone has', (set, key) => signSet(set, key, 'secure.example', { labels: 1 })],
    ['RFC 4035 §5.3.1: by a key that is not of the zone', (set) => signSet(set, makeKey(13), 'secure.example')],
  ])('%s', async (_, sign) => {
    const bent = world();
    const set = [address('mail.secure.example', '192.0.2.1')];
    bent.bend = (message, name, type) =>
      name === 'mail.secure.example' && type === 'A'
        ? { ...message, answers: [...set, sign(set, bent.zone('secure.example').key ?? never())] }
        : message;
    expect((await resolverFor(bent).query('mail.secure.example', 'A')).security).toBe('bogus');
  });

  it('what a server claims about who signed decides nothing', async () => {
    const bent = world();
    const forged = signSet([address('mail.plain.example', '192.0.2.1')], bent.zone('example').key ?? never(), 'example', { keyTag: 7 });
    bent.bend = (message, name, type) =>
      name === 'mail.plain.example' && type === 'A' ? { ...message, answers: [...message.answers, forged] } : message;
    expect(await resolverFor(bent).query('mail.plain.example', 'A')).toMatchObject({ status: 'ok', security: 'insecure' });
  });
});

describe('trust anchors', () => {
  it('RFC 4033 §5: without one above it, nothing is known', async () => {
    const zones = world();
    const resolver = resolverFor(zones, { trustAnchors: [zones.zone('secure.example').anchor] });
    expect(await resolver.query('mail.example', 'A')).toMatchObject({
      status: 'nxdomain',
      security: 'indeterminate',
      extendedErrors: [{ code: 5 }],
    });
    expect((await resolver.query('mail.secure.example', 'A')).security).toBe('secure');
  });

  it('a private zone may have its own, and a name may be let off', async () => {
    const zones = new World([
      { name: '' },
      { name: 'corp', text: 'mail A 192.0.2.1', delegated: false },
      { name: 'broken', text: 'mail A 192.0.2.1', expiration: now - 1 },
    ]);
    const anchored = resolverFor(zones, { trustAnchors: [zones.anchor, zones.zone('corp').anchor], negativeTrustAnchors: ['Broken.'] });
    expect((await resolverFor(zones).query('mail.corp', 'A')).security).toBe('insecure');
    expect((await anchored.query('mail.corp', 'A')).security).toBe('secure');
    expect((await resolverFor(zones).query('mail.broken', 'A')).security).toBe('bogus');
    expect(await anchored.query('mail.broken', 'A')).toMatchObject({ status: 'ok', security: 'insecure' });
  });

  it('RFC 6840 §5.10: one key of several that the anchor has is enough', async () => {
    const zones = world();
    const other = { ...zones.zone('secure.example').ds, keyTag: 1 };
    const resolver = resolverFor(zones, { trustAnchors: [{ zone: '', ds: [other, ...(zones.anchor.ds ?? [])] }] });
    expect((await resolver.query('mail.secure.example', 'A')).security).toBe('secure');
  });

  it('a name that is none is a mistake of the program, as is an exchanger that leaves out what signatures cover', async () => {
    expect(() => resolverFor(common, { negativeTrustAnchors: ['a..b'] })).toThrow(TypeError);
    const careless = {
      exchange: async (name: string, type: string) => ({ status: 'message' as const, message: common.answer(name, type) }),
    };
    const resolver = new ValidatingResolver({ exchanger: careless, clock: new ManualClock(now * 1000), trustAnchors: [common.anchor] });
    await expect(resolver.query('mail.secure.example', 'A')).rejects.toThrow(TypeError);
  });

  it('RFC 4033 §2: are read as zone text', () => {
    const parsed = unwrap(
      parseTrustAnchors(
        '. IN DS 20326 8 2 e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d ; the root\n. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16\nCorp. 300 IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=\n',
      ),
    );
    expect(parsed.map(({ zone, ds, keys }) => [zone, ds?.length, keys?.length])).toEqual([
      ['', 2, 0],
      ['corp', 0, 1],
    ]);
    expect(parsed[0]?.ds).toEqual(rootTrustAnchor.ds);
    expect(parseTrustAnchors('. IN A 192.0.2.1').ok).toBe(false);
  });
});

describe('bounds', () => {
  it('RFC 4035 §5.3.3: nothing is kept longer than its signature', async () => {
    const answer = await resolverFor(world([{ name: 'secure.example', expiration: now + 30 }])).query('mail.secure.example', 'A');
    expect(answer).toMatchObject({ security: 'secure', ttlSeconds: 30, records: [{ ttlSeconds: 30 }] });
  });

  it('keys are asked for once, and again when they are old', async () => {
    const zones = world();
    const clock = new ManualClock(now * 1000);
    const resolver = resolverFor(zones, { clock });
    await Promise.all(['mail', 'www', 'none'].map((name) => resolver.query(`${name}.secure.example`, 'A')));
    expect(zones.questions.filter((question) => question.endsWith('DNSKEY')).toSorted()).toEqual([
      ' DNSKEY',
      'example DNSKEY',
      'secure.example DNSKEY',
    ]);
    zones.questions.length = 0;
    await resolver.query('mail.secure.example', 'AAAA');
    expect(zones.questions).toEqual(['mail.secure.example AAAA']);
    clock.advance(300_000);
    await resolver.query('mail.secure.example', 'AAAA');
    expect(zones.questions).toContain('secure.example DNSKEY');
    resolver.clear();
    expect(resolver.zoneCount).toBe(0);
  });

  it('what is kept is bounded in number', async () => {
    const resolver = resolverFor(common, { zoneLimit: 5 });
    for (let i = 0; i < 20; i++) await resolver.query(`a.n${i}.wild.plain.example`, 'A');
    for (let i = 0; i < 20; i++) await resolver.query(`n${i}.wild.secure.example`, 'DS');
    expect(resolver.zoneCount).toBeLessThanOrEqual(5);
  });

  it('what could not be had is no verdict, and is not kept', async () => {
    const zones = world();
    const resolver = resolverFor(zones);
    zones.bend = (message, name, type) =>
      name === 'secure.example' && type === 'DNSKEY' ? { status: 'timeout', problem: 'silence' } : message;
    expect(await resolver.query('mail.secure.example', 'A')).toMatchObject({
      status: 'timeout',
      security: 'indeterminate',
      records: [],
      problem: 'silence',
    });
    zones.bend = (message, name) => (name === 'secure.example' ? { ...message, rcode: 2, answers: [] } : message);
    expect(await resolver.query('mail.secure.example', 'A')).toMatchObject({ status: 'servfail', security: 'indeterminate', records: [] });
    zones.bend = (message) => message;
    expect((await resolver.query('mail.secure.example', 'A')).security).toBe('secure');
  });

  it('an abort ends the question with its reason, and nobody else with it', async () => {
    const zones = world();
    const resolver = resolverFor(zones);
    const controller = new AbortController();
    const aborted = resolver.query('mail.secure.example', 'A', { signal: controller.signal });
    const other = resolver.query('mail.secure.example', 'A');
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    expect((await other).security).toBe('secure');
    await expect(resolver.query('mail.secure.example', 'A', { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });

  it('CVE-2023-50387: many keys with one tag and many signatures by it cost no more than allowed', async () => {
    const zones = world();
    const set = [address('mail.secure.example', '192.0.2.1')];
    const { key } = zones.zone('secure.example');
    const good = signSet(set, key ?? never(), 'secure.example');
    const forged = Array.from(
      { length: 100 },
      (_, i): MessageRecord => ({ ...good, data: { ...good.data, signature: new Uint8Array(64).fill(i + 1) } }),
    );
    zones.bend = (message, name, type) =>
      name === 'mail.secure.example' && type === 'A' ? { ...message, answers: [...set, ...forged, good] } : message;
    expect((await resolverFor(zones).query('mail.secure.example', 'A')).problem).toContain('does not fit');
    expect((await resolverFor(zones, { failureLimit: 3 }).query('mail.secure.example', 'A')).problem).toContain('too many signatures');
    expect((await resolverFor(zones, { signaturesPerSetLimit: 1000, failureLimit: 1000 }).query('mail.secure.example', 'A')).security).toBe(
      'secure',
    );
  });

  it('CVE-2023-50868: a closest encloser far away costs no more hashes than allowed', async () => {
    const zones = world();
    const name = `${'a.'.repeat(100)}hashed.example`;
    expect((await resolverFor(zones).query(name, 'A')).security).toBe('secure');
    expect((await resolverFor(zones, { hashLimit: 50 }).query(name, 'A')).security).toBe('bogus');
  });

  it('RFC 9276 §3.2: with more iterations than are done the zone counts as unsigned, once the NSEC3 records are known to be its own', async () => {
    const zones = world([{ name: 'hashed.example', nsec3: { iterations: 51 } }]);
    expect(await resolverFor(zones).query('none.hashed.example', 'A')).toMatchObject({
      status: 'nxdomain',
      security: 'insecure',
      extendedErrors: [{ code: 27 }],
    });
    expect((await resolverFor(zones).query('mail.hashed.example', 'A')).security).toBe('secure');
    expect((await resolverFor(zones, { nsec3IterationLimit: 51 }).query('none.hashed.example', 'A')).security).toBe('secure');
    zones.bend = (message, name) => (name === 'none.hashed.example' ? { ...message, authorities: unsigned(message.authorities) } : message);
    expect((await resolverFor(zones).query('none.hashed.example', 'A')).security).toBe('bogus');
  });

  it('look-ups and aliases are bounded', async () => {
    expect(await resolverFor(common, { lookupLimit: 3 }).query('mail.secure.example', 'A')).toMatchObject({
      status: 'servfail',
      problem: expect.stringContaining('too many look-ups'),
    });
    const chain = Array.from({ length: 20 }, (_, i) => `c${i} CNAME c${i + 1}\n`).join('');
    const zones = world([{ name: 'secure.example', text: `${chain}c20 A 192.0.2.1\nx CNAME y\ny CNAME x` }]);
    expect((await resolverFor(zones).query('c10.secure.example', 'A')).security).toBe('secure');
    expect(await resolverFor(zones).query('c0.secure.example', 'A')).toMatchObject({ status: 'servfail', problem: 'more than 16 aliases' });
    zones.bend = (message) => ({ ...message, rcode: 0 });
    expect(await resolverFor(zones).query('x.secure.example', 'A')).toMatchObject({ status: 'servfail', records: [] });
  });

  it('keeps answers behind a cache as any resolver does', async () => {
    const zones = world();
    const clock = new ManualClock(now * 1000);
    const cached = new CachingResolver(resolverFor(zones, { clock }), { clock });
    for (let i = 0; i < 3; i++) expect((await cached.query('mail.secure.example', 'A')).security).toBe('secure');
    expect(zones.questions.filter((question) => question === 'mail.secure.example A')).toHaveLength(1);
  });
});

describe('properties', () => {
  const names = [
    'mail.secure.example',
    'any.wild.hashed.example',
    'none.secure.example',
    'none.hashed.example',
    'a.b.old.secure.example',
    'www.hashed.example',
    'mail.sub.optout.example',
  ];
  const facts = ({ status, aliases, records }: DnsAnswer): string =>
    JSON.stringify([status, aliases, records.map(({ name, data }) => [name, data])]);

  async function bendOne(zones: World, name: string, nth: number, change: (bytes: Uint8Array) => Uint8Array): Promise<DnsAnswer> {
    let seen = 0;
    zones.bend = (message) => (seen++ === nth ? change(formatMessage(message)) : message);
    return resolverFor(zones).query(name, 'A');
  }

  it('one byte changed anywhere never gives a secure answer that says something else', async () => {
    const zones = world();
    const random = randomNumbers(7);
    const below = (limit: number): number => Math.floor(random() * limit);
    const verdicts = new Map<string, number>();
    for (const name of names) {
      const right = await resolverFor(zones).query(name, 'A');
      for (let i = 0; i < 80; i++) {
        const answer = await bendOne(zones, name, below(7), (bytes) => {
          const at = below(bytes.length);
          bytes[at] = (bytes[at] ?? 0) ^ (1 + below(255));
          return bytes;
        });
        if (answer.security === 'secure') expect(facts(answer), name).toBe(facts(right));
        verdicts.set(answer.security, (verdicts.get(answer.security) ?? 0) + 1);
      }
      zones.bend = (message) => message;
    }
    expect(verdicts.get('bogus')).toBeGreaterThan(100);
    expect(verdicts.get('secure')).toBeGreaterThan(50);
  }, 60_000);

  it('whatever a resolver behind sends, every question ends, with no exception', async () => {
    const zones = world();
    const inputs = names.flatMap((name) => [
      formatMessage(zones.answer(name, 'A')),
      formatMessage(zones.answer('secure.example', 'DNSKEY')),
      formatMessage(zones.answer('plain.example', 'DS')),
    ]);
    const all = [...mutants(inputs, { count: 500, seed: 11, tokens: ['\xc0\x0c', '\0', '\xff\xff', '\0\x2e', '\0\x2f', '\0\x32'] })];
    for (const [i, mutant] of all.entries()) {
      const name = names[i % names.length] ?? '';
      const answer = await bendOne(zones, name, i % 7, () => mutant);
      expect(['secure', 'insecure', 'bogus', 'indeterminate']).toContain(answer.security);
      zones.bend = (message) => message;
    }
  }, 60_000);
});

function address(name: string, data: string): MessageRecord {
  return { name, type: 'A', ttlSeconds: 3600, data };
}

function replaceAddress(message: DnsMessage): DnsMessage {
  return { ...message, answers: message.answers.map((record) => (record.type === 'A' ? { ...record, data: '203.0.113.66' } : record)) };
}

function unsigned(records: readonly MessageRecord[]): readonly MessageRecord[] {
  return records.filter(({ type }) => type !== 'RRSIG');
}

function without(records: readonly MessageRecord[], type: string): readonly MessageRecord[] {
  return records.filter((record) => record.type !== type);
}

function never(): never {
  throw new Error('not to be reached');
}

function dsOf(zone: string, key: SigningKey): RecordData['DS'] {
  const { bytes } = createZoneKey(key.data);
  return { keyTag: key.tag, algorithm: 13, digestType: 2, digest: hash('sha256', concatBytes([encodeName(zone), bytes])) };
}
