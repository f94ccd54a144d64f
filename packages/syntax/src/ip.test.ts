import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { cidrContains, equalIps, formatIp, ipv4Bits, ipv4OfBits, parseCidr, parseIp, readIpv4Bits, unmapIp } from './ip.ts';

describe('parseIp', () => {
  const good: readonly [string, string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['FF01::101', 'ff01::101'],
    ['::13.1.68.3', '::d01:4403'],
    ['::ffff:129.144.52.38', '::ffff:129.144.52.38'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ];
  for (const [text, written] of good) {
    it(`RFC 4291 §2.2, RFC 5952 §4: reads ${text} and writes ${written}`, () => {
      const address = parseIp(text);
      expect(address && formatIp(address)).toBe(written);
    });
  }
  const bad =
    '|1.2.3|1.2.3.4.5|1.2.3.256|01.2.3.4|1.2.3.4 |.1.2.3|1..2.3|:|:::|1:2|1:2:3:4:5:6:7|1:2:3:4:5:6:7:8:9|1::2::3|:1:2:3:4:5:6:7|1:2:3:4:5:6:7:|::1:2:3:4:5:6:7:8|12345::|g::|::1.2.3|1.2.3.4::|::1.2.3.4:5|1:2:3:4:5:6:7:1.2.3.4|fe80::1%eth0|1:::2|::1:';
  for (const text of bad.split('|')) it(`refuses '${text}'`, () => expect(parseIp(text)).toBeUndefined());

  it('RFC 4291 §2.5.5.2: takes an IPv4 address out of its IPv6 form', () => {
    expect(formatIp(unmapIp(parseIp('::ffff:192.0.2.1') as never))).toBe('192.0.2.1');
    expect(formatIp(unmapIp(parseIp('::fffe:192.0.2.1') as never))).toBe('::fffe:c000:201');
  });
});

describe('readIpv4Bits', () => {
  it.each([
    ['0.0.0.0', 0],
    ['1.2.3.4', 0x01020304],
    ['127.255.255.255', 0x7fffffff],
    ['192.0.2.1', 0xc0000201 | 0],
    ['255.255.255.255', -1],
  ])('RFC 6943 §3.1.1: %s is %i, within a text too', (text, bits) => {
    expect(readIpv4Bits(text, 0, text.length)).toBe(bits);
    expect(readIpv4Bits(`ip4:${text}/8`, 4, 4 + text.length)).toBe(bits);
    expect(ipv4OfBits(bits)).toEqual(parseIp(text));
    expect(ipv4Bits(ipv4OfBits(bits))).toBe(bits);
  });

  it.each(['', '1.2.3', '1.2.3.', '.1.2.3', '1.2.3.4.', '1.2.3.4.5', '1..2.3', '01.2.3.4', '1.2.3.256', '1.2.3.4 ', '1.2.3.\u0664', '::1'])(
    'refuses %j',
    (text) => expect(readIpv4Bits(text, 0, text.length)).toBeUndefined(),
  );

  it('an end beyond the text is no digit, and IPv6 has no such bits', () => {
    expect(readIpv4Bits('1.2.3.4', 0, 8)).toBeUndefined();
    expect(ipv4Bits({ version: 6, bytes: new Uint8Array(16) })).toBeUndefined();
  });
});

describe('parseCidr', () => {
  const cases: readonly [string, string, boolean][] = [
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['192.0.2.130/25', '192.0.2.255', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1/32', '192.0.2.2', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['::/0', '192.0.2.1', false],
  ];
  for (const [block, address, inside] of cases) {
    it(`RFC 4632 §3.1: ${address} is ${inside ? '' : 'not '}in ${block}`, () => {
      const cidr = parseCidr(block);
      const ip = parseIp(address);
      expect(cidr && ip && cidrContains(cidr, ip)).toBe(inside);
    });
  }
  for (const text of ['', '/24', '192.0.2.0/', '192.0.2.0/33', '192.0.2.0/024', '::/129', '192.0.2.0/-1', '192.0.2.0/2 ', '1.2.3.4/1/2'])
    it(`refuses '${text}'`, () => expect(parseCidr(text)).toBeUndefined());

  it('compares addresses', () => {
    const [a, b, c] = ['192.0.2.1', '192.0.2.2', '::ffff:192.0.2.1'].map((text) => parseIp(text));
    expect(a && b && c && [equalIps(a, a), equalIps(a, b), equalIps(a, c)]).toEqual([true, false, false]);
  });
});

describe('parsers of addresses', () => {
  it('take mutants, and read what formatIp writes of them', () => {
    const decoder = new TextDecoder();
    const seeds = ['192.0.2.1', '2001:db8::8:800:200c:417a', '::ffff:192.0.2.1', '1:2:3:4:5:6:7:8', '2001:db8::/32', '10.0.0.0/8'];
    for (const mutant of mutants(seeds, { count: 5000, tokens: [':', '::', '.', '/', '0', 'ffff', '255'] })) {
      const text = decoder.decode(mutant);
      const cidr = parseCidr(text);
      const address = parseIp(text) ?? cidr?.address;
      if (!address) continue;
      expect(parseIp(formatIp(address))).toEqual(address);
      if (cidr) expect(cidrContains(cidr, address)).toBe(true);
    }
  });
});
