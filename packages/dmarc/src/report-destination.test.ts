import { ZoneResolver, type ZoneResolverOptions } from '@mox/dns/testing';
import { organizationalDomain } from '@mox/publicsuffix';
import { describe, expect, it } from 'vitest';
import { type DestinationInput, type ReportDestination, verifyReportDestinations } from './report-destination.ts';

const check = async (
  zone: string,
  uri: string,
  options: { readonly zone?: ZoneResolverOptions; readonly input?: Partial<DestinationInput> } = {},
): Promise<ReportDestination | undefined> => {
  const input = { policyDomain: 'blue.example.com', tag: 'rua', uris: [{ uri }], ...options.input } as const;
  return (await verifyReportDestinations(input, { resolver: new ZoneResolver(zone, options.zone) })).destinations[0];
};
const consent = 'blue.example.com._report._dmarc.red.example.net.';
const organization = '_dmarc.example.com. TXT "v=DMARC1; p=none"\n';

describe('verifyReportDestinations', () => {
  it.each<[string, string, string, ReportDestination['status'], string[]]>([
    ['the policy domain itself', '', 'mailto:a@blue.example.com', 'internal', ['a@blue.example.com']],
    ['a domain of the same organization', organization, 'mailto:a@reports.example.com', 'internal', ['a@reports.example.com']],
    ['a domain elsewhere that says nothing', organization, 'mailto:reports@red.example.net', 'refused', []],
    [
      'a domain elsewhere that consents',
      `${consent} TXT "v=DMARC1"`,
      'mailto:reports@red.example.net',
      'authorized',
      ['reports@red.example.net'],
    ],
    [
      'a domain elsewhere that consents, with a semicolon',
      `${consent} TXT "v=DMARC1;"`,
      'mailto:reports@red.example.net',
      'authorized',
      ['reports@red.example.net'],
    ],
    [
      'one of several records consents',
      `${consent} TXT "hello"\n${consent} TXT "v=DMARC1"`,
      'mailto:reports@red.example.net',
      'authorized',
      ['reports@red.example.net'],
    ],
    ['a record that is none', `${consent} TXT "v=DMARC2"`, 'mailto:reports@red.example.net', 'refused', []],
    [
      'another mailbox of the same host',
      `${consent} TXT "v=DMARC1; rua=mailto:b@RED.example.net,mailto:c@red.example.net"`,
      'mailto:reports@red.example.net',
      'authorized',
      ['b@RED.example.net', 'c@red.example.net'],
    ],
    [
      'a mailbox of another host',
      `${consent} TXT "v=DMARC1; rua=mailto:b@victim.example"`,
      'mailto:reports@red.example.net',
      'refused',
      [],
    ],
    [
      'a mailbox of another host beside one of the same',
      `${consent} TXT "v=DMARC1; rua=mailto:b@red.example.net,mailto:b@victim.example"`,
      'mailto:reports@red.example.net',
      'refused',
      [],
    ],
    [
      'a mailbox for failure reports alone',
      `${consent} TXT "v=DMARC1; ruf=mailto:b@victim.example"`,
      'mailto:reports@red.example.net',
      'authorized',
      ['reports@red.example.net'],
    ],
    ['a web address', '', 'https://red.example.net/report', 'unsupported', []],
    ['an address literal', '', 'mailto:a@[192.0.2.1]', 'unsupported', []],
  ])('RFC 9990 §4: %s', async (_, zone, uri, status, addresses) => {
    const destination = await check(zone, uri);
    expect([destination?.status, destination?.sendTo.map((mailbox) => mailbox.address)]).toEqual([status, addresses]);
  });

  it('RFC 9991 §5: the same for failure reports, by their own tag', async () => {
    const zone = `${consent} TXT "v=DMARC1; rua=mailto:a@victim.example; ruf=mailto:f@red.example.net"`;
    const destination = await check(zone, 'mailto:reports@red.example.net', { input: { tag: 'ruf' } });
    expect(destination).toMatchObject({ status: 'authorized', sendTo: [{ address: 'f@red.example.net' }] });
  });

  it.each([
    ['blue.example.com._report._dmarc.red.example.net', 'temperror'],
    ['_dmarc.net', 'temperror'],
  ])('RFC 9990 §4: where %s cannot be asked about, it is to be tried again', async (name, status) => {
    const destination = await check(`${consent} TXT "v=DMARC1"`, 'mailto:reports@red.example.net', {
      zone: { failures: { [name]: 'timeout' } },
    });
    expect(destination).toMatchObject({ status, sendTo: [] });
  });

  it('RFC 9990 §4: a forged answer that there is no consent is to be tried again', async () => {
    const destination = await check(organization, 'mailto:reports@red.example.net', {
      zone: { securityOf: { 'blue.example.com._report._dmarc.red.example.net': 'bogus' } },
    });
    expect(destination).toMatchObject({ status: 'temperror', sendTo: [], problem: expect.stringContaining('bogus') });
  });

  it('RFC 9990 §4: a name that is too long is not asked about', async () => {
    const host = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.net`;
    const resolver = new ZoneResolver('');
    const input = { policyDomain: `${'d'.repeat(60)}.example.com`, tag: 'rua', uris: [{ uri: `mailto:a@${host}` }] } as const;
    expect((await verifyReportDestinations(input, { resolver })).destinations).toMatchObject([
      { status: 'refused', problem: expect.stringContaining('too long') },
    ]);
    expect(resolver.questions.some((question) => question.includes('_report'))).toBe(false);
  });

  it('no more URIs are looked at than are allowed, and no name is asked about twice', async () => {
    const resolver = new ZoneResolver('');
    const uris = Array.from({ length: 50 }, (_, i) => ({ uri: `mailto:a@h${i}.example.net` }));
    const { destinations, trace } = await verifyReportDestinations(
      { policyDomain: 'blue.example.com', tag: 'rua', uris, mostUris: 3 },
      { resolver },
    );
    expect([destinations.length, trace.length]).toEqual([3, 3]);
    expect(new Set(resolver.questions).size).toBe(resolver.questions.length);
  });

  it('RFC 7489 §7.1: organizations by the public suffix list', async () => {
    const input = {
      policyDomain: 'a.example.co.uk',
      tag: 'rua',
      uris: [{ uri: 'mailto:a@b.example.co.uk' }, { uri: 'mailto:a@other.co.uk' }],
    } as const;
    const { destinations } = await verifyReportDestinations(input, { resolver: new ZoneResolver(''), organizationalDomain });
    expect(destinations.map((destination) => destination.status)).toEqual(['internal', 'refused']);
  });
});
