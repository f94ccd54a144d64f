import { type ExchangeResult, formatMessage, type MessageRecord, parseMessage, parseZone } from '@mox/dns';
import { formatTrace, ManualClock, toHex } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { describe, expect, it } from 'vitest';
import { ValidatingResolver } from '../src/index.ts';
import { hashName } from '../src/nsec3.ts';
import { groupRrsets } from '../src/rrset.ts';
import { verifyRrset } from '../src/verify-rrset.ts';
import { defaultLimits, WorkBudget } from '../src/work-budget.ts';
import { createZoneKey, matchesDs } from '../src/zone-key.ts';
import { type RfcExample, rfc4035Examples, rfc4035Keys, rfc5155Examples, rfc5155Keys } from './rfc-examples.ts';
import { emptyMessage, throughWire } from './signed-zones.ts';

function records(text: string): readonly MessageRecord[] {
  return unwrap(parseZone(text));
}

/** A resolver that knows the zone `example` by the keys, and one example of an RFC. */
function resolverFor(keys: string, example: RfcExample, time: string, more: Readonly<Record<string, string>> = {}): ValidatingResolver {
  const own = records(keys);
  const exchange = async (name: string, type: string): Promise<ExchangeResult> => {
    const bytes = formatMessage({
      ...emptyMessage,
      ...(name === 'example' && type === 'DNSKEY'
        ? { answers: own }
        : more[`${name} ${type}`] !== undefined
          ? { answers: records(more[`${name} ${type}`] ?? '') }
          : { answers: records(example.answers), authorities: records(example.authorities), rcode: example.rcode }),
    });
    return { status: 'message', message: unwrap(parseMessage(bytes, { canonical: true })) };
  };
  const anchor = {
    zone: 'example',
    keys: own.flatMap((record) => (record.type === 'DNSKEY' && record.data.flags === 257 ? [record.data] : [])),
  };
  return new ValidatingResolver({ exchanger: { exchange }, clock: new ManualClock(Date.parse(time)), trustAnchors: [anchor] });
}

function pick(examples: readonly RfcExample[], section: string): RfcExample {
  const found = examples.find((example) => example.section === section);
  if (!found) throw new Error(`no example ${section}`);
  return found;
}

describe.each([
  [
    'RFC 4035 appendix',
    rfc4035Keys,
    rfc4035Examples,
    '2004-04-20T00:00:00Z',
    { 'B.1': 'ok', 'B.2': 'nxdomain', 'B.3': 'nodata', 'B.6': 'ok', 'B.7': 'nodata' },
  ],
  [
    'RFC 5155 appendix',
    rfc5155Keys,
    rfc5155Examples,
    '2010-01-01T00:00:00Z',
    { 'B.1': 'nxdomain', 'B.2': 'nodata', 'B.2.1': 'nodata', 'B.4': 'ok', 'B.5': 'nodata' },
  ],
] as const)('%s', (rfc, keys, examples, time, wanted) => {
  it.each(Object.entries(wanted))(`${rfc} B: example %s is %s and secure`, async (section, status) => {
    const example = pick(examples, section);
    // The name error of RFC 5155 is also proven by Opt-Out records: that it is safe to say so is not.
    const isOptOut = rfc.includes('5155') && ['B.1', 'B.4', 'B.5'].includes(section);
    const answer = await resolverFor(keys, example, time).query(example.name, example.type as 'MX');
    expect([answer.status, answer.security], formatTrace(answer.trace ?? [])).toEqual([status, isOptOut ? 'insecure' : 'secure']);
  });

  it(`${rfc} B: with any signature gone, or outside its time, nothing is secure`, async () => {
    for (const [section, status] of Object.entries(wanted)) {
      const example = pick(examples, section);
      const strip = (text: string, nth: number): string =>
        text
          .split('\n')
          .filter((line, i) => i !== nth || !line.includes('RRSIG'))
          .join('\n');
      const lines = example.authorities.split('\n').length;
      for (let nth = 0; nth < lines; nth++) {
        const less = { ...example, authorities: strip(example.authorities, nth) };
        if (less.authorities === example.authorities || (status === 'ok' && /RRSIG NS /.test(example.authorities.split('\n')[nth] ?? '')))
          continue;
        const { security } = await resolverFor(keys, less, time).query(example.name, example.type as 'MX');
        // Where Opt-Out is left, a delegation without signatures may be there.
        expect(rfc.includes('5155') ? ['bogus', 'insecure'] : ['bogus'], `${section} ${nth}`).toContain(security);
      }
      expect((await resolverFor(keys, example, '2003-01-01T00:00:00Z').query(example.name, example.type as 'MX')).problem).toContain(
        'signature not yet valid (8)',
      );
      expect((await resolverFor(keys, example, '2016-01-01T00:00:00Z').query(example.name, example.type as 'MX')).problem).toContain(
        'signature expired (7)',
      );
    }
  });
});

describe('delegations', () => {
  it.each([
    ['RFC 4035 appendix B.5: a referral to an unsigned zone', rfc4035Keys, pick(rfc4035Examples, 'B.5'), '2004-04-20T00:00:00Z'],
    ['RFC 5155 appendix B.3: a referral to an unsigned zone by Opt-Out', rfc5155Keys, pick(rfc5155Examples, 'B.3'), '2010-01-01T00:00:00Z'],
  ])('%s', async (_, keys, example, time) => {
    const resolver = resolverFor(keys, example, time, { [`${example.name} MX`]: `${example.name}. 60 MX 1 mail.example.` });
    expect(await resolver.query(example.name, 'MX')).toMatchObject({ status: 'ok', security: 'insecure' });
  });

  it.each([
    ['RFC 4035 appendix B.8: DS at the child', rfc4035Keys, pick(rfc4035Examples, 'B.8'), '2004-04-20T00:00:00Z'],
    ['RFC 5155 appendix B.6: DS at the child', rfc5155Keys, pick(rfc5155Examples, 'B.6'), '2010-01-01T00:00:00Z'],
  ])('%s proves nothing: it would be for the zone above to say', async (_, keys, example, time) => {
    expect((await resolverFor(keys, example, time).query('example', 'DS')).security).toBe('indeterminate');
  });
});

/** A key, the DS record of it, a record and its signature. */
const keys: readonly (readonly [string, string])[] = [
  [
    'RFC 5702 §6.1: RSA/SHA-256',
    `example.net. 3600 IN DNSKEY 256 3 8 AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=
www.example.net. 3600 IN A 192.0.2.91
www.example.net. 3600 IN RRSIG A 8 3 3600 20300101000000 20000101000000 9033 example.net. kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==`,
  ],
  [
    'RFC 5702 §6.2: RSA/SHA-512',
    `example.net. 3600 IN DNSKEY 256 3 10 AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13tOnD9u/1kTg7cV6rklMrZDtJCQ5PCl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffcGmhOL
www.example.net. 3600 IN A 192.0.2.91
www.example.net. 3600 IN RRSIG A 10 3 3600 20300101000000 20000101000000 3740 example.net. tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoOe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0iGYgZBWm/zpq+9fOuagYJRfDqfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0fthPgxdDLw=`,
  ],
  [
    'RFC 6605 §6.1: P-256',
    `example.net. 3600 IN DNSKEY 257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==
example.net. 3600 IN DS 55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17
www.example.net. 3600 IN A 192.0.2.1
www.example.net. 3600 IN RRSIG A 13 3 3600 20100909100439 20100812100439 55648 example.net. qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==`,
  ],
  [
    'RFC 6605 §6.2: P-384',
    `example.net. 3600 IN DNSKEY 257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40
example.net. 3600 IN DS 10771 14 4 72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6
www.example.net. 3600 IN A 192.0.2.1
www.example.net. 3600 IN RRSIG A 14 3 3600 20100909102025 20100812102025 10771 example.net. /L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm`,
  ],
  [
    'RFC 8080 §6.1: Ed25519, with the signature of erratum 4935',
    `example.com. 3600 IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=
example.com. 3600 IN DS 3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b
example.com. 3600 IN MX 10 mail.example.com.
example.com. 3600 IN RRSIG MX 15 2 3600 1440021600 1438207200 3613 example.com. oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==`,
  ],
  [
    'RFC 8080 §6.2: Ed448, with the signature of erratum 4935',
    `example.com. 3600 IN DNSKEY 257 3 16 3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA
example.com. 3600 IN DS 9713 16 2 6ccf18d5bc5d7fc2fceb1d59d17321402f2aa8d368048db93dd811f5cb2b19c7
example.com. 3600 IN MX 10 mail.example.com.
example.com. 3600 IN RRSIG MX 16 2 3600 1440021600 1438207200 9713 example.com. 3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/NBtOXft0+Gj7FSvOKxE/07+4RQvE581N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA`,
  ],
];

describe('keys and signatures', () => {
  it.each(keys)('%s', async (_, text) => {
    const all = records(text);
    const keyRecord = all.find((record) => record.type === 'DNSKEY');
    const signature = all.find((record) => record.type === 'RRSIG');
    if (!keyRecord || !signature) throw new Error('a key and a signature expected');
    const key = createZoneKey(keyRecord.data);
    expect(key.tag).toBe(signature.data.keyTag);
    for (const record of all) if (record.type === 'DS') expect(matchesDs(record.data, keyRecord.name, key)).toBe(true);
    const sets = groupRrsets(throughWire({ ...emptyMessage, answers: all }).answers);
    const set = sets.get(`${signature.name} ${signature.data.typeCovered}`);
    if (!set) throw new Error('a set expected');
    const context = { now: (signature.data.inception + 60) * 1000, clockSkewSeconds: 0, budget: new WorkBudget(defaultLimits) };
    expect((await verifyRrset(set, { name: keyRecord.name, keys: [key] }, context)).status).toBe('secure');
  });

  it.each([
    ['example', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'],
    ['a.example', '35mthgpgcu1qg68fab165klnsnk3dpvl'],
    ['*.w.example', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en'],
    ['2t7b4g4vsa5smi47k61mv5bv1a22bojr.example', 'kohar7mbb8dc2ce8a9qvl8hon4k53uhi'],
  ])('RFC 5155 appendix A: the hash of %s is %s', (name, hash) => {
    const bits = [...hash].map((digit) => Number.parseInt(digit, 32).toString(2).padStart(5, '0')).join('');
    const hex = (bits.match(/.{4}/g) ?? []).map((four) => Number.parseInt(four, 2).toString(16)).join('');
    expect(toHex(hashName(name, Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd), 12))).toBe(hex);
  });
});
