import type { DnssecStatus } from '@mox/dns';
import { RecordingResolver, ReplayingResolver, ZoneResolver } from '@mox/dns/testing';
import { formatTrace } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { decideTls } from './decide-tls.ts';
import { type DaneDestination, type DaneLookup, lookupDane } from './lookup-dane.ts';

const digest = 'ab'.repeat(32);
const zone = `
$TTL 300
mx.example.org.            A     192.0.2.1
mx.example.org.            AAAA  2001:db8::1
_25._tcp.mx.example.org.   TLSA  3 1 1 ${digest}
_465._tcp.mx.example.org.  TLSA  3 1 1 ${digest}
odd.example.org.           A     192.0.2.2
_25._tcp.odd.example.org.  TLSA  0 1 1 ${digest}
bare.example.org.          A     192.0.2.3
empty.example.org.         TXT   "no address"
alias.example.org.         CNAME mx.example.net.
_25._tcp.alias.example.org. TLSA 3 1 1 ${digest}
mx.example.net.            A     192.0.2.4
_25._tcp.mx.example.net.   TLSA  2 0 1 ${digest}
plain.example.org.         CNAME bare.example.org.
_25._tcp.plain.example.org. TLSA 2 0 1 ${digest}
shared.example.org.        A     192.0.2.5
_25._tcp.shared.example.org. CNAME _dane.example.org.
_dane.example.org.         TLSA  2 0 1 ${digest}
`;

interface Setting {
  readonly security?: Readonly<Record<string, DnssecStatus>>;
  readonly failures?: Readonly<Record<string, 'servfail' | 'timeout' | 'refused' | 'malformed-answer'>>;
}

function look(destination: DaneDestination, { security = {}, failures = {} }: Setting = {}): Promise<DaneLookup> {
  return lookupDane(destination, { resolver: new ZoneResolver(zone, { security: 'secure', securityOf: security, failures }) });
}

const host = 'mx.example.org';
const tlsa = '_25._tcp.mx.example.org';
const statuses = ['secure', 'insecure', 'bogus', 'indeterminate'] as const;

/** What comes out for each DNSSEC status of the addresses and of the TLSA records. */
const matrix: Readonly<Record<string, Readonly<Record<string, DaneLookup['status']>>>> = {
  secure: { secure: 'usable', insecure: 'none', bogus: 'error', indeterminate: 'none' },
  insecure: { secure: 'none', insecure: 'none', bogus: 'none', indeterminate: 'none' },
  bogus: { secure: 'error', insecure: 'error', bogus: 'error', indeterminate: 'error' },
  indeterminate: { secure: 'none', insecure: 'none', bogus: 'none', indeterminate: 'none' },
};

describe('each DNSSEC status', () => {
  for (const addresses of statuses) {
    it.each(statuses)(`RFC 7672 §2.2: addresses ${addresses}, records %s`, async (records) => {
      const lookup = await look({ host }, { security: { [host]: addresses, [tlsa]: records } });
      expect(lookup.status).toBe(matrix[addresses]?.[records]);
      expect(lookup.records.length > 0).toBe(lookup.status === 'usable');
    });

    it(`RFC 7672 §2.2: addresses ${addresses}, denial of records of each status`, async () => {
      for (const denial of statuses) {
        const bare = 'bare.example.org';
        const lookup = await look({ host: bare }, { security: { [bare]: addresses, [`_25._tcp.${bare}`]: denial } });
        expect(lookup.status, denial).toBe(addresses === 'bogus' || (addresses === 'secure' && denial === 'bogus') ? 'error' : 'none');
      }
    });
  }

  it.each(['servfail', 'timeout', 'refused', 'malformed-answer'] as const)(
    'RFC 7672 §2.1.2: %s is an error, never a "no"',
    async (failure) => {
      expect((await look({ host }, { failures: { [tlsa]: failure } })).status).toBe('error');
      expect((await look({ host }, { failures: { [host]: failure } })).status).toBe('error');
    },
  );

  it('one address family that fails does not hide the records of the other', async () => {
    for (const family of ['A', 'AAAA']) {
      expect((await look({ host }, { failures: { [`${host} ${family}`]: 'timeout' } })).status).toBe('usable');
    }
    expect((await look({ host: 'bare.example.org' }, { failures: { 'bare.example.org A': 'timeout' } })).status).toBe('error');
  });
});

describe('aliases', () => {
  it('RFC 7672 §2.2.2: a secure alias: the name it leads to comes first', async () => {
    const lookup = await look({ host: 'alias.example.org' });
    expect(lookup).toMatchObject({ status: 'usable', baseDomain: 'mx.example.net', names: ['mx.example.net', 'alias.example.org'] });
  });

  it('RFC 7672 §2.2.3: failing that, the name itself', async () => {
    const lookup = await look({ host: 'plain.example.org' });
    expect(lookup).toMatchObject({ status: 'usable', baseDomain: 'plain.example.org', names: ['plain.example.org'] });
  });

  it('RFC 7672 §2.2.2: a secure alias into an unsigned zone: the name itself', async () => {
    const lookup = await look({ host: 'alias.example.org' }, { security: { 'mx.example.net': 'insecure' } });
    expect(lookup).toMatchObject({ status: 'usable', baseDomain: 'alias.example.org' });
    expect(lookup.trace.map(({ step }) => step)).toContain('look alias.example.org CNAME up');
  });

  it('RFC 7672 §2.2.2: an unsigned alias: DANE does not apply', async () => {
    expect((await look({ host: 'alias.example.org' }, { security: { 'alias.example.org': 'insecure' } })).status).toBe('none');
  });

  it('RFC 7672 §2.1.3: the question for the alias itself may fail', async () => {
    const lookup = await look(
      { host: 'alias.example.org' },
      { security: { 'mx.example.net': 'insecure' }, failures: { 'alias.example.org CNAME': 'servfail' } },
    );
    expect(lookup.status).toBe('error');
  });

  it('RFC 7672 §2.2.3: an error at the first candidate is an error, not a reason to try the second', async () => {
    const lookup = await look({ host: 'alias.example.org' }, { failures: { '_25._tcp.mx.example.net': 'timeout' } });
    expect(lookup.status).toBe('error');
  });

  it('RFC 7672 §2.2.3: an alias of the records does not change the base domain, and is as secure as its weakest link', async () => {
    expect(await look({ host: 'shared.example.org' })).toMatchObject({ status: 'usable', baseDomain: 'shared.example.org' });
    expect((await look({ host: 'shared.example.org' }, { security: { '_dane.example.org': 'insecure' } })).status).toBe('none');
  });
});

describe('lookupDane', () => {
  it('RFC 7672 §2.2: secure records of which none can be used still want TLS', async () => {
    const lookup = await look({ host: 'odd.example.org' });
    expect(lookup).toMatchObject({ status: 'unusable', baseDomain: 'odd.example.org' });
    expect((await look({ host: 'odd.example.org', usages: [0, 1, 2, 3] })).status).toBe('usable');
  });

  it('RFC 7672 §2.2.2: no address, no delivery; RFC 7672 §2.2: no DANE for addresses', async () => {
    expect((await look({ host: 'empty.example.org' })).status).toBe('unreachable');
    expect((await look({ host: 'nobody.example.org' })).status).toBe('unreachable');
    for (const literal of ['192.0.2.1', '[192.0.2.1]', '[IPv6:2001:db8::1]']) {
      const lookup = await look({ host: literal });
      expect(lookup).toMatchObject({ status: 'none', trace: [] });
    }
  });

  it('RFC 7672 §2.2.2: a host that leaves no room for _25._tcp has no records, which is certain', async () => {
    const long = `${'abcdefg.'.repeat(30)}abcdefghij`;
    const resolver = new ZoneResolver(`${long}. A 192.0.2.1`, { security: 'secure' });
    expect(await lookupDane({ host: long }, { resolver })).toMatchObject({ status: 'none' });
    expect(await lookupDane({ host: 'x'.repeat(64) }, { resolver })).toMatchObject({ status: 'unreachable' });
  });

  it('RFC 7672 §2.2.3: another port', async () => {
    expect((await look({ host, port: 465 })).status).toBe('usable');
    expect((await look({ host, port: 587 })).status).toBe('none');
  });

  it('RFC 7672 §2.2.2: TLSA records of unsigned zones are not asked for, as some servers do not answer', async () => {
    const lookup = await look({ host }, { security: { [host]: 'insecure' } });
    expect(lookup.trace.map(({ step }) => step)).toEqual(['look mx.example.org A up', 'look mx.example.org AAAA up']);
  });

  it('RFC 7672 §3.2.2: reference identifiers by how the server was found', async () => {
    const names = async (nextHop?: DaneDestination['nextHop']): Promise<readonly string[]> =>
      (await look({ host, ...(nextHop ? { nextHop } : {}) })).names;
    expect(await names()).toEqual([host]);
    expect(await names({ domain: 'Example.org.', secure: true })).toEqual([host, 'example.org']);
    expect(await names({ domain: 'example.com', expanded: 'example.org', secure: true })).toEqual([host, 'example.com', 'example.org']);
    expect(await names({ domain: 'example.org', secure: false })).toEqual([host]);
  });

  it('a recording of it replays to the same result; the trace is plain data', async () => {
    const recorder = new RecordingResolver(new ZoneResolver(zone, { security: 'secure' }));
    const lookup = await lookupDane({ host: 'alias.example.org' }, { resolver: recorder });
    const again = await lookupDane({ host: 'alias.example.org' }, { resolver: new ReplayingResolver(recorder.recorded) });
    expect(again).toEqual(lookup);
    expect(JSON.parse(JSON.stringify(lookup.trace))).toEqual(lookup.trace);
    expect(formatTrace(lookup.trace)).toContain('_25._tcp.mx.example.net TLSA');
  });

  it('an abort is the only exception', async () => {
    const resolver = new ZoneResolver(zone);
    await expect(lookupDane({ host }, { resolver, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});

describe('decideTls', () => {
  it.each([
    ['usable', 'authenticate', 'authenticate'],
    ['unusable', 'encrypt', 'skip'],
    ['none', 'opportunistic', 'skip'],
    ['unreachable', 'skip', 'skip'],
    ['error', 'skip', 'skip'],
  ] as const)('RFC 7672 §2.2: %s: %s; RFC 7672 §6: where it is mandatory: %s', (status, decision, mandatory) => {
    expect(decideTls({ status, nextHopSecure: true })).toBe(decision);
    expect(decideTls({ status, nextHopSecure: false })).toBe(decision);
    expect(decideTls({ status, nextHopSecure: true }, { mandatory: true })).toBe(mandatory);
    expect(decideTls({ status, nextHopSecure: false }, { mandatory: true })).toBe('skip');
  });
});
