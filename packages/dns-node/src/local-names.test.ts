import { ZoneResolver } from '@mox/dns/testing';
import { describe, expect, it } from 'vitest';
import { LocalNamesResolver, parseHosts } from './local-names.ts';
import { parseResolvConf } from './resolv-conf.ts';

const hosts = parseHosts(`
127.0.0.1   localhost
192.0.2.7   Mail.Example.org mail # a comment
2001:db8:0::7 mail.example.org
not-an-address other.example.org
192.0.2.8
`);
const below = new ZoneResolver('outside.example. A 198.51.100.1');
const resolver = new LocalNamesResolver(below, hosts);
const ask = async (name: string, type: 'A' | 'AAAA' | 'MX' | 'PTR') => {
  const { status, records } = await resolver.query(name, type);
  return [status, ...records.map(({ data }) => data)];
};

describe('LocalNamesResolver', () => {
  it.each([
    ['localhost', 'A', ['ok', '127.0.0.1']],
    ['LOCALHOST.', 'AAAA', ['ok', '::1']],
    ['db.localhost', 'A', ['ok', '127.0.0.1']],
    ['localhost', 'MX', ['nodata']],
  ] as const)('RFC 6761 §6.3: %s %s', async (name, type, expected) => {
    expect(await ask(name, type)).toEqual(expected);
  });

  it('RFC 6761 §6.4, RFC 7686 §2: invalid and onion are not there', async () => {
    expect(await ask('a.invalid', 'MX')).toEqual(['nxdomain']);
    expect(await ask('abc.onion', 'A')).toEqual(['nxdomain']);
  });

  it('names of the hosts file, both ways', async () => {
    expect(await ask('mail.example.org', 'A')).toEqual(['ok', '192.0.2.7']);
    expect(await ask('mail.example.org', 'AAAA')).toEqual(['ok', '2001:db8::7']);
    expect(await ask('mail', 'AAAA')).toEqual(['nodata']);
    expect(await ask('7.2.0.192.in-addr.arpa', 'PTR')).toEqual(['ok', 'mail.example.org', 'mail']);
  });

  it('everything else goes on to the next resolver', async () => {
    expect(below.questions).toEqual([]);
    expect(await ask('outside.example', 'A')).toEqual(['ok', '198.51.100.1']);
    expect(await ask('mail.example.org', 'MX')).toEqual(['nxdomain']);
    expect(await ask('1.2.0.192.in-addr.arpa', 'PTR')).toEqual(['nxdomain']);
    expect(below.questions).toHaveLength(3);
  });
});

describe('parseResolvConf', () => {
  it('servers, their trust, timeouts', () => {
    const text =
      '# made by hand\nnameserver 192.0.2.53\r\nnameserver fe80::1%eth0 ; comment\nnameserver bogus\nsearch example.org\noptions timeout:3 attempts:4\noptions trust-ad';
    expect(parseResolvConf(text)).toEqual({
      servers: [
        { address: '192.0.2.53', trusted: true },
        { address: 'fe80::1%eth0', trusted: true },
      ],
      timeoutMilliseconds: 3000,
      rounds: 4,
    });
  });

  it('the server of this machine where there is none, no more than three where there are many', () => {
    expect(parseResolvConf('')).toEqual({ servers: [{ address: '127.0.0.1' }] });
    expect(parseResolvConf('nameserver 192.0.2.1\n'.repeat(9)).servers).toHaveLength(3);
    expect(parseResolvConf('options timeout:x attempts:0 use-vc').servers).toEqual([{ address: '127.0.0.1', transport: 'tcp' }]);
  });
});
