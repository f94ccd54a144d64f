import { toHex } from '@mox/runtime';
import { parseIp } from '@mox/syntax';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookupAddresses, lookupPtr, lookupTxt, lookupValidation } from './lookups.ts';
import { encodeName, isAtOrBelow, joinLabels, nameLabels, normalizeName, parentName, readName } from './name.ts';
import { formatRecordType, parseRecordType } from './record-type.ts';
import { parseReverseName, reverseName } from './reverse-name.ts';
import { ZoneResolver } from './testing.ts';

describe('normalizeName', () => {
  it.each([
    ['Example.ORG.', 'example.org'],
    ['', ''],
    ['.', ''],
    ['_dmarc.example.org', '_dmarc.example.org'],
    ['a\\.b.org', 'a\\.b.org'],
    ['A\\066c.org', 'abc.org'],
    ['a b.org', 'a\\032b.org'],
    ['a\\\\.', 'a\\\\'],
    ['a\\', undefined],
    ['a\\300', undefined],
    ['a..b', undefined],
    ['.a', undefined],
    ['a..', undefined],
    ['..', undefined],
    ['b\u00fccher.example', undefined],
    ['x'.repeat(63), 'x'.repeat(63)],
    ['x'.repeat(64), undefined],
    [`${'abcdefg.'.repeat(31)}abcde`, `${'abcdefg.'.repeat(31)}abcde`],
    [`${'abcdefg.'.repeat(31)}abcdef`, undefined],
  ])('RFC 1035 §2.3.4: %j is %j', (name, expected) => {
    expect(normalizeName(name)).toBe(expected);
  });

  it('RFC 1035 §5.1: labels of any bytes come back from text', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 8 }), (labels) => {
        const wire = Uint8Array.from([...labels.flatMap((bytes) => [bytes.length, ...bytes]), 0]);
        const read = readName(wire, 0);
        const lower = labels.map((bytes) => Array.from(bytes, (byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte)));
        expect(read?.end).toBe(wire.length);
        expect(nameLabels(read?.name ?? '?')?.map((text) => Array.from(text, (c) => c.charCodeAt(0)))).toEqual(lower);
        expect(normalizeName(read?.name ?? '?')).toBe(read?.name);
      }),
    );
  });
});

describe('names above and below', () => {
  it.each([
    ['a.example.org', 'example.org', true],
    ['example.org', 'example.org', true],
    ['example.org', '', true],
    ['anexample.org', 'example.org', false],
    ['a\\.example.org', 'example.org', false],
    ['a\\\\.example.org', 'example.org', true],
    ['org', 'example.org', false],
  ])('RFC 1034 §3.1: %s is at or below %s: %s', (name, ancestor, expected) => {
    expect(isAtOrBelow(name, ancestor)).toBe(expected);
  });

  it.each([
    ['a.b.c', 'b.c'],
    ['c', ''],
    ['', undefined],
    ['a\\.b.c', 'c'],
    ['a\\\\.b', 'b'],
  ])('above %j is %j', (name, parent) => {
    expect(parentName(name)).toBe(parent);
  });

  it('RFC 4034 §6.2: a name in canonical form is in lower case, without pointers', () => {
    expect(toHex(encodeName('A\\.b.\\255z'))).toBe('03612e6202ff7a00');
    expect(() => encodeName('a..b')).toThrow(TypeError);
    expect(joinLabels(nameLabels('a\\.b.\\000c') ?? [])).toBe('a\\.b.\\000c');
  });
});

describe('record types', () => {
  it.each([
    ['MX', 15],
    ['mx', 15],
    ['TYPE65280', 65280],
    ['TYPE15', 15],
    ['TYPE65536', undefined],
    ['WHAT', undefined],
  ])('RFC 3597 §5: %s is %s', (name, number) => {
    expect(parseRecordType(name)).toBe(number);
  });

  it('RFC 3597 §5: every number has a name that leads back to it', () => {
    const numbers = Array.from({ length: 0x10000 }, (_, number) => number);
    expect(numbers.filter((number) => parseRecordType(formatRecordType(number)) !== number)).toEqual([]);
  });
});

describe('reverse names', () => {
  it.each([
    ['192.0.2.99', '99.2.0.192.in-addr.arpa'],
    ['2001:db8:1:2:3:4:567:89ab', 'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
  ])('RFC 1035 §3.5, RFC 3596 §2.5: %s is %s', (address, name) => {
    const parsed = parseIp(address);
    expect(parsed && reverseName(parsed)).toBe(name);
    expect(parseReverseName(name.toUpperCase())).toEqual(parsed);
  });

  it.each(['2.0.192.in-addr.arpa', '1.2.0.192.example.org', '256.1.1.1.in-addr.arpa', '0.1.2.3.4.in-addr.arpa', ''])(
    '%s is for no address',
    (name) => {
      expect(parseReverseName(name)).toBeUndefined();
    },
  );
});

describe('lookups', () => {
  const resolver = new ZoneResolver(
    `
    both.example. A 192.0.2.1
    both.example. AAAA 2001:db8::1
    four.example. A 192.0.2.2
    text.example. TXT "a" "b"
    text.example. TXT "c"
    1.2.0.192.in-addr.arpa. PTR both.example.
    slow.example. A 192.0.2.3
    . SOA ns.example. host.example. 1 2 3 4 5`,
    { failures: { 'slow.example AAAA': 'timeout' }, securityOf: { '': 'secure' } },
  );

  it.each([
    ['both.example', 'ok', ['2001:db8::1', '192.0.2.1']],
    ['four.example', 'ok', ['192.0.2.2']],
    ['slow.example', 'timeout', ['192.0.2.3']],
    ['text.example', 'nodata', []],
    ['none.example', 'nxdomain', []],
  ])('addresses of %s: %s', async (name, status, addresses) => {
    const found = await lookupAddresses(resolver, name);
    expect([found.status, found.addresses.map(({ address }) => address)]).toEqual([status, addresses]);
  });

  it('texts, names of an address, validation of the resolver', async () => {
    expect((await lookupTxt(resolver, 'text.example')).texts).toEqual(['ab', 'c']);
    expect((await lookupPtr(resolver, '192.0.2.1')).records.map(({ data }) => data)).toEqual(['both.example']);
    await expect(lookupPtr(resolver, 'example.org')).rejects.toThrow(TypeError);
    expect(await lookupValidation(resolver)).toMatchObject({ status: 'ok', security: 'secure' });
  });
});
