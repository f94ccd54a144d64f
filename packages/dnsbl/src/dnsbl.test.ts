import type { Resolver } from '@mox/dns';
import { RecordingResolver, ReplayingResolver, ZoneResolver } from '@mox/dns/testing';
import { formatTrace } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDnsListHealth } from './check-health.ts';
import { checkDnsList, checkDnsLists, dnsListName } from './check-list.ts';
import type { DnsList, EntryTest } from './dns-list.ts';
import { dnswlAuthentication } from './dnswl.ts';

const zone = `
$ORIGIN bad.example.
2.0.0.127 A 127.0.0.2
2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 A 127.0.0.2
99.2.0.192 A 127.0.0.2
99.2.0.192 TXT "Dynamic address, " "see https://bad.example/?192.0.2.99"
98.2.0.192 A 127.0.0.6
97.2.0.192 A 127.0.1.1
97.2.0.192 A 127.0.1.2
96.2.0.192 A 203.0.113.80
95.2.0.192 A 127.255.255.254
95.2.0.192 TXT "Error: open resolver"
96.9.0.192 A 127.0.0.2
96.9.0.192 A 127.255.255.252
94.2.0.192 TXT "no A record"
b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2 A 127.0.0.2
b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2 TXT "Spam received."
$ORIGIN doms.example.
test A 127.0.0.2
phish.example A 127.0.0.2
xn--bcher-kva.example A 127.0.0.2
$ORIGIN silent.example.
@ A 192.0.2.80
$ORIGIN all.example.
1.0.0.127 A 127.0.0.2
2.0.0.127 A 127.0.0.2
${Array.from({ length: 9 }, (_, i) => `1.2.0.192.many.example. A 127.0.0.2\n1.2.0.192.many.example. TXT "${i}${'x'.repeat(2000)}"`).join('\n')}
`;
const resolver = new ZoneResolver(zone, {
  failures: { '90.2.0.192.bad.example': 'servfail', '91.2.0.192.bad.example': 'refused', '92.2.0.192.bad.example': 'timeout' },
  securityOf: { '93.2.0.192.bad.example': 'bogus', '98.2.0.192.bad.example': 'secure' },
});
const bad = { zone: 'bad.example' };

describe('checkDnsList', () => {
  it.each([
    ['192.0.2.99', 'listed'],
    ['::ffff:192.0.2.99', 'listed'],
    ['2001:db8:1:2:3:4:567:89ab', 'listed'],
    ['192.0.2.1', 'not-listed'],
    ['2001:db8::1', 'not-listed'],
    ['192.0.2.94', 'not-listed'],
    ['192.0.2.90', 'temperror'],
    ['192.0.2.92', 'temperror'],
    ['192.0.2.93', 'temperror'],
    ['192.0.2.91', 'permerror'],
    ['192.0.2.96', 'permerror'],
    ['192.0.2.95', 'permerror'],
  ])('RFC 5782 §2.1, RFC 5782 §2.4: %s is %s', async (ip, status) => {
    const result = await checkDnsList({ ip }, bad, { resolver });
    expect(result.status).toBe(status);
    expect(formatTrace(result.trace)).toContain(`-> ${status}`);
    if (status.endsWith('error')) expect(result.problem).toBeDefined();
  });

  it.each<[string, string, DnsList['refusals'], string]>([
    ['bl.example', '127.255.255.252', undefined, 'permerror'],
    ['bl.example', '127.255.255.255', undefined, 'permerror'],
    ['bl.example', '127.0.0.1', undefined, 'listed'],
    ['bl.example', '127.0.0.255', undefined, 'listed'],
    ['bl.example', '127.0.1.255', undefined, 'listed'],
    ['dbl.spamhaus.org', '127.0.1.255', undefined, 'permerror'],
    ['key.zrd.dq.spamhaus.net.', '127.0.2.255', undefined, 'permerror'],
    ['zen.spamhaus.org', '127.0.0.1', undefined, 'listed'],
    ['list.dnswl.org', '127.0.0.255', undefined, 'permerror'],
    ['list.dnswl.org', '127.0.5.1', undefined, 'listed'],
    ['Multi.URIBL.com', '127.0.0.1', undefined, 'permerror'],
    ['multi.surbl.org', '127.0.0.1', undefined, 'permerror'],
    ['notsurbl.org', '127.0.0.1', undefined, 'listed'],
    ['list.dnswl.org', '127.0.0.255', [], 'listed'],
    ['list.dnswl.org', '127.0.0.255', [{ block: '127.0.0.1' }], 'listed'],
    ['bl.example', '127.0.0.2', [{ block: '127.0.0.2' }], 'permerror'],
  ])('values by which large lists refuse to answer are no entries: %s with %s, refusals %o: %s', async (zone, value, refusals, status) => {
    const answering = new ZoneResolver(`9.2.0.192.${zone.replace(/\.$/, '')}. A ${value}`);
    const list: DnsList = { zone, ...(refusals && { refusals }) };
    const result = await checkDnsList({ ip: '192.0.2.9' }, list, { resolver: answering });
    expect(result.status).toBe(status);
    expect(dnswlAuthentication(result).result).toBe(status === 'listed' ? 'pass' : 'permerror');
  });

  it('a refusal beside an entry, and one that is selected, are refusals', async () => {
    const list: DnsList = { ...bad, select: [{ block: '127.0.0.0/8' }] };
    expect((await checkDnsList({ ip: '192.0.9.96' }, list, { resolver })).status).toBe('permerror');
  });

  it('RFC 5782 §2.1: asks for the reason of an entry, and for none where there is no entry', async () => {
    const asking = new ZoneResolver(zone);
    const result = await checkDnsList({ ip: '192.0.2.99' }, bad, { resolver: asking });
    expect(result).toMatchObject({
      values: ['127.0.0.2'],
      reasons: ['Dynamic address, see https://bad.example/?192.0.2.99'],
      security: 'insecure',
    });
    await checkDnsList({ ip: '192.0.2.1' }, bad, { resolver: asking });
    expect(asking.questions).toEqual(['99.2.0.192.bad.example A', '99.2.0.192.bad.example TXT', '1.2.0.192.bad.example A']);
  });

  it('RFC 4035 §5.5: a forged "no such name" is no list without the entry, a forged reason is not shown', async () => {
    expect(await resolver.query('93.2.0.192.bad.example', 'A')).toMatchObject({ status: 'nxdomain', security: 'bogus' });
    expect(await checkDnsList({ ip: '192.0.2.93' }, bad, { resolver })).toMatchObject({ status: 'temperror' });
    const forging: Resolver = {
      query: async (name, type) => ({ ...(await resolver.query(name, type)), security: type === 'TXT' ? 'bogus' : 'secure' }),
    };
    expect(await checkDnsList({ ip: '192.0.2.99' }, bad, { resolver: forging })).toMatchObject({ status: 'listed', reasons: [] });
  });

  it('keeps reasons within bounds', async () => {
    const { reasons } = await checkDnsList({ ip: '192.0.2.1' }, { zone: 'many.example' }, { resolver });
    expect(reasons).toHaveLength(5);
    expect(reasons.every((reason) => reason.length === 500)).toBe(true);
  });

  it.each<[string, readonly EntryTest[], string]>([
    ['192.0.2.98', [{ bits: 2 }], 'listed'],
    ['192.0.2.98', [{ bits: 4 }], 'listed'],
    ['192.0.2.98', [{ bits: 8 }], 'not-listed'],
    ['192.0.2.97', [{ bits: 1 }], 'not-listed'],
    ['192.0.2.97', [{ block: '127.0.1.2' }], 'listed'],
    ['192.0.2.97', [{ block: '127.0.1.0/24' }], 'listed'],
    ['192.0.2.97', [{ block: '127.0.2.0/24' }, { from: '127.0.1.2', to: '127.0.1.9' }], 'listed'],
    ['192.0.2.97', [{ from: '127.0.1.3', to: '127.0.1.9' }], 'not-listed'],
  ])('RFC 5782 §2.3, RFC 5782 §6: %s by %o is %s', async (ip, select, status) => {
    expect((await checkDnsList({ ip }, { ...bad, select }, { resolver })).status).toBe(status);
  });

  it.each([
    ['phish.example', 'listed'],
    ['PHISH.example.', 'listed'],
    ['b\u00fccher.example', 'listed'],
    ['other.example', 'not-listed'],
    [`${'abcdefg.'.repeat(30)}example`, 'not-listed'],
  ])('RFC 5782 §3: %s is %s', async (domain, status) => {
    expect((await checkDnsList({ domain }, { zone: 'doms.example' }, { resolver })).status).toBe(status);
  });

  it('several lists, in their order; a recording replays', async () => {
    const lists = [{ zone: 'silent.example' }, bad];
    const recording = new RecordingResolver(resolver);
    const results = await checkDnsLists({ ip: '192.0.2.99' }, lists, { resolver: recording });
    expect(results.map(({ zone: name, status }) => [name, status])).toEqual([
      ['silent.example', 'not-listed'],
      ['bad.example', 'listed'],
    ]);
    expect(await checkDnsLists({ ip: '192.0.2.99' }, lists, { resolver: new ReplayingResolver(recording.recorded) })).toEqual(results);
  });

  it('what is no address, no domain or no test is a mistake of the program, and an abort an exception', async () => {
    await expect(checkDnsList({ ip: 'example' }, bad, { resolver })).rejects.toThrow(TypeError);
    await expect(checkDnsList({ domain: 'a..b' }, bad, { resolver })).rejects.toThrow(TypeError);
    await expect(checkDnsList({ ip: '192.0.2.99' }, { ...bad, select: [{ block: '::1' }] }, { resolver })).rejects.toThrow(TypeError);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(checkDnsList({ ip: '192.0.2.99' }, bad, { resolver, signal })).rejects.toThrow('enough');
  });

  it('RFC 5782 §2.1: the name of an entry has the bytes of the address from its end', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        expect(dnsListName({ ip }, 'l.example.').split('.').slice(0, 4).reverse().join('.')).toBe(ip);
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), (ip) => {
        expect(dnsListName({ ip }, 'l.example')).toMatch(/^(?:(?:[0-9a-f]\.){32}|(?:\d{1,3}\.){4})l\.example$/);
      }),
    );
  });
});

describe('checkDnsListHealth', () => {
  it.each([
    ['bad.example', ['ipv4', 'ipv6'], 'working'],
    ['bad.example', ['ipv4', 'ipv6', 'domain'], 'broken'],
    ['doms.example', ['domain'], 'working'],
    ['silent.example', ['ipv4'], 'broken'],
    ['all.example', ['ipv4'], 'broken'],
  ] as const)('RFC 5782 §5: %s for %o is %s', async (list, kinds, status) => {
    const health = await checkDnsListHealth(list, kinds, { resolver });
    expect(health.status).toBe(status);
    expect(health.problem === undefined).toBe(status === 'working');
  });

  it('RFC 5782 §5: a failure is no verdict on the list', async () => {
    const failing = new ZoneResolver(zone, { failures: { '1.0.0.127.bad.example': 'timeout' } });
    expect((await checkDnsListHealth('bad.example', ['ipv4'], { resolver: failing })).status).toBe('temperror');
  });
});

describe('dnswlAuthentication', () => {
  const ask = async (ip: string) => dnswlAuthentication(await checkDnsList({ ip }, bad, { resolver }));

  it('RFC 8904 §2: pass with what the list said, none, and errors', async () => {
    expect(await ask('192.0.2.98')).toEqual({
      method: 'dnswl',
      result: 'pass',
      properties: [
        { type: 'dns', property: 'zone', value: 'bad.example' },
        { type: 'policy', property: 'ip', value: '127.0.0.6' },
        { type: 'dns', property: 'sec', value: 'yes' },
      ],
    });
    expect((await ask('192.0.2.97')).properties[1]?.value).toBe('127.0.1.1,127.0.1.2');
    expect((await ask('192.0.2.99')).properties[2]).toMatchObject({ property: 'txt' });
    expect(await ask('192.0.2.1')).toMatchObject({ result: 'none', properties: [{}, { property: 'sec', value: 'no' }] });
    expect(await ask('192.0.2.90')).toMatchObject({ result: 'temperror', reason: 'the look-up failed: servfail' });
    expect(await ask('192.0.2.91')).toMatchObject({ result: 'permerror', reason: 'the list refuses to answer' });
  });
});
