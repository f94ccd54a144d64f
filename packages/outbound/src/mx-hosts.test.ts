import type { DnssecStatus } from '@mox/dns';
import { ZoneResolver } from '@mox/dns/testing';
import { systemRandom } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { interleaveAddresses } from './host-addresses.ts';
import { lookupMxHosts, type MxHosts } from './mx-hosts.ts';

const zone = `
  plain.example.      MX 20 b.example.
  plain.example.      MX 10 a.example.
  plain.example.      MX 30 A.example.
  own.example.        MX 10 a.example.
  own.example.        MX 20 me.example.
  own.example.        MX 20 c.example.
  own.example.        MX 30 d.example.
  loop.example.       MX 10 me.example.
  loop.example.       MX 10 b.example.
  null.example.       MX 0 .
  nullmore.example.   MX 0 .
  nullmore.example.   MX 10 a.example.
  number.example.     MX 10 192.0.2.1.
  implicit.example.   A 192.0.2.1
  me.example.         A 192.0.2.9
  alias.example.      CNAME plain.example.
  xn--bcher-kva.example. MX 10 a.example.
  bogus.example.      MX 10 a.example.
  vague.example.      MX 10 a.example.
  signed.example.     MX 10 a.example.
  many.example.       MX 10 h0.example.
${Array.from({ length: 1000 }, (_, i) => `  many.example. MX ${i + 10} h${i}.example.`).join('\n')}
`;
const security: Record<string, DnssecStatus> = {
  'bogus.example': 'bogus',
  'vague.example': 'indeterminate',
  'signed.example': 'secure',
  'nobogus.example': 'bogus',
};
const resolver = new ZoneResolver(zone, { securityOf: security, failures: { 'broken.example': 'servfail', 'slow.example': 'timeout' } });
const lookup = (nextHop: string): Promise<MxHosts> => lookupMxHosts(nextHop, { resolver, random: systemRandom, ownNames: ['ME.example'] });

describe('lookupMxHosts', () => {
  it.each([
    ['plain.example', 'RFC 5321 §5.1', ['a.example', 'b.example'], 'mx', false],
    ['PLAIN.Example.', 'RFC 5321 §5.1', ['a.example', 'b.example'], 'mx', false],
    ['alias.example', 'RFC 5321 §5.1', ['a.example', 'b.example'], 'mx', false],
    ['own.example', 'RFC 5321 §5.1', ['a.example'], 'mx', false],
    ['nullmore.example', 'RFC 7505 §3', ['a.example'], 'mx', false],
    ['implicit.example', 'RFC 5321 §5.1', ['implicit.example'], 'implicit', false],
    ['bücher.example', 'RFC 5321 §5.1', ['a.example'], 'mx', false],
    ['signed.example', 'RFC 7672 §2.2.1', ['a.example'], 'mx', true],
    ['[192.0.2.7]', 'RFC 5321 §4.1.3', ['192.0.2.7'], 'literal', false],
    ['[IPv6:2001:db8::7]', 'RFC 5321 §4.1.3', ['2001:db8::7'], 'literal', false],
  ])('%s (%s) has hosts %j by %s, secure: %s', async (nextHop, _rfc, names, by, secure) => {
    const found = await lookup(nextHop);
    expect(found).toMatchObject({ status: 'hosts', by, secure });
    expect(found.status === 'hosts' && found.hosts.map(({ name }) => name)).toEqual(names);
    expect(found.trace.length).toBe(1);
  });

  it.each([
    ['null.example', 'RFC 7505 §3', 'failed', '5.1.10'],
    ['none.example', 'RFC 5321 §5.1', 'failed', '5.1.2'],
    ['loop.example', 'RFC 5321 §5.1', 'failed', '5.4.6'],
    ['me.example', 'RFC 5321 §5.1', 'failed', '5.4.6'],
    ['number.example', 'RFC 5321 §5.1', 'failed', '5.4.4'],
    ['broken.example', 'RFC 5321 §5.1', 'deferred', '4.4.3'],
    ['slow.example', 'RFC 5321 §5.1', 'deferred', '4.4.3'],
    ['bogus.example', 'RFC 7672 §2.1.1', 'deferred', '4.4.3'],
    ['nobogus.example', 'RFC 7672 §2.1.1', 'deferred', '4.4.3'],
    ['vague.example', 'RFC 7672 §2.1.1', 'deferred', '4.4.3'],
    ['a..b', 'RFC 5321 §5.1', 'failed', '5.1.2'],
    ['[x]', 'RFC 5321 §4.1.3', 'failed', '5.1.2'],
    [`${'a'.repeat(64)}.example`, 'RFC 5321 §5.1', 'failed', '5.1.2'],
  ])('%s (%s) is %s, %s', async (nextHop, _rfc, status, code) => {
    expect(await lookup(nextHop)).toMatchObject({ status, code });
  });

  it('RFC 5321 §5.1: the alias is told, for the names that a certificate may have', async () => {
    expect(await lookup('alias.example')).toMatchObject({ domain: 'alias.example', expanded: 'plain.example' });
  });

  it('RFC 5321 §5.1: of 1,000 hosts the ten most preferred are kept', async () => {
    const found = await lookup('many.example');
    expect(found.status === 'hosts' && found.hosts.map(({ name }) => name)).toEqual(Array.from({ length: 10 }, (_, i) => `h${i}.example`));
  });

  it('RFC 5321 §5.1: hosts of one preference come in an order of the random numbers', async () => {
    const equal = new ZoneResolver(['a', 'b', 'c'].map((name) => `e.example. MX 5 ${name}.example.`).join('\n'));
    const order = async (keys: readonly number[]): Promise<string> => {
      const random = { bytes: () => Uint8Array.from(keys.flatMap((key) => [0, 0, 0, key])) };
      const found = await lookupMxHosts('e.example', { resolver: equal, random, ownNames: [] });
      return found.status === 'hosts' ? found.hosts.map(({ name }) => name[0]).join('') : '';
    };
    expect([await order([1, 2, 3]), await order([3, 2, 1]), await order([2, 3, 1])]).toEqual(['abc', 'cba', 'cab']);
  });
});

describe('interleaveAddresses', () => {
  it.each([
    [['6a', '6b'], ['4a'], '6a 4a 6b'],
    [[], ['4a', '4b'], '4a 4b'],
    [['6a'], [], '6a'],
  ])('RFC 8305 §4: %j and %j', (six, four, expected) => expect(interleaveAddresses(six, four).join(' ')).toBe(expected));
});
