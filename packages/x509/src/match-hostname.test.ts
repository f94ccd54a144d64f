import { describe, expect, it } from 'vitest';
import { type CertificateNames, type MatchOptions, matchHostname } from './match-hostname.ts';

function names(dns: readonly string[], rest: { ip?: readonly string[]; commonName?: string } = {}): CertificateNames {
  const { ip = [], commonName } = rest;
  return { names: { dns, ip, email: [], uri: [], directory: [], others: 0 }, ...(commonName === undefined ? {} : { commonName }) };
}

type Case = readonly [section: string, certificate: CertificateNames, host: string, expected: string | undefined, options?: MatchOptions];

const cases: Case[] = [
  ['§6.3', names(['example.org']), 'example.org', 'example.org'],
  ['§6.3', names(['a.example', 'B.Example']), 'b.EXAMPLE', 'B.Example'],
  ['§6.3', names(['example.org']), 'example.org.', 'example.org'],
  ['§6.3', names(['example.org.']), 'example.org', undefined],
  ['§6.3', names(['example.org.']), 'example.org.', undefined],
  ['§6.3', names(['example.org']), 'www.example.org', undefined],
  ['§6.3', names(['www.example.org']), 'example.org', undefined],
  ['§6.3', names(['*.example.org']), 'a.example.org', '*.example.org'],
  ['§6.3', names(['*.example.org']), 'a.b.example.org', undefined],
  ['§6.3', names(['*.example.org']), 'example.org', undefined],
  ['§6.3', names(['*.example.org']), 'xn--bcher-kva.example.org', '*.example.org'],
  ['§6.3', names(['w*.example.org']), 'www.example.org', undefined],
  ['§6.3', names(['*w.example.org']), 'www.example.org', undefined],
  ['§6.3', names(['www.*.org']), 'www.example.org', undefined],
  ['§6.3', names(['*.*.org']), 'www.example.org', undefined],
  ['§6.3', names(['*']), 'localhost', undefined],
  ['§6.3', names(['*.org']), 'example.org', undefined],
  ['§6.3', names(['xn--bcher-kva.example']), 'bücher.example', 'xn--bcher-kva.example'],
  ['§6.3', names(['XN--BCHER-KVA.example']), 'BÜCHER.example', 'XN--BCHER-KVA.example'],
  ['§6.3', names(['example.org']), 'not a name', undefined],
  ['§6.3', names(['example.org']), '', undefined],
  ['§6.3', names(['example.org\0.evil.example']), 'example.org', undefined],
  ['§6.5', names([], { ip: ['192.0.2.1'] }), '192.0.2.1', '192.0.2.1'],
  ['§6.5', names([], { ip: ['2001:db8::1'] }), '2001:DB8:0:0::1', '2001:db8::1'],
  ['§6.5', names([], { ip: ['2001:db8::1'] }), '[2001:db8::1]', '2001:db8::1'],
  ['§6.5', names(['192.0.2.1']), '192.0.2.1', undefined],
  ['§6.5', names([], { ip: ['192.0.2.1'] }), '192.0.2.2', undefined],
  ['§6.5', names(['*.0.2.1'], { ip: [] }), '192.0.2.1', undefined],
  ['§2', names([], { commonName: 'example.org' }), 'example.org', undefined],
  ['§2', names([], { commonName: 'example.org' }), 'example.org', 'example.org', { commonName: true }],
  ['§2', names(['other.org'], { commonName: 'example.org' }), 'example.org', undefined, { commonName: true }],
  ['§2', names([], { commonName: 'Example Org' }), 'example.org', undefined, { commonName: true }],
];

describe('matchHostname', () => {
  it.each(cases.map(([section, certificate, host, expected, options = {}]) => [section, certificate, host, expected, options] as const))(
    'RFC 9525 %s: case %#',
    (_, certificate, host, expected, options) => {
      expect(matchHostname(certificate, host, options)).toBe(expected);
    },
  );
});
