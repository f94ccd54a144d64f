// Against unbound and nsd. Needs Debian's unbound, nsd, ldnsutils and openssl; skipped where they are missing, an error in CI.
import { once } from 'node:events';
import { connect } from 'node:http2';
import { HttpsExchanger, type HttpsFetch, joinTxt, lookupAddresses } from '@mox/dns';
import { parseTrustAnchors, ValidatingResolver } from '@mox/dnssec';
import { unwrap } from '@mox/syntax';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeResolver, StubResolver } from '../src/index.ts';
import { type LocalZones, programs, startLocalZones } from './local-zones.ts';
import { findMissing } from './servers.ts';

/** Sends a request over HTTP/2, which unbound alone speaks. */
function http2Fetch(ca: string): HttpsFetch {
  return async (url, { method, headers, body }) => {
    const { origin, pathname } = new URL(url);
    const session = connect(origin, { ca, servername: 'dns.example' });
    session.on('error', () => {});
    try {
      const request = session.request({ ':method': method, ':path': pathname, ...headers });
      request.end(body);
      const [received] = await once(request, 'response');
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece);
      const bytes = Uint8Array.from(Buffer.concat(pieces));
      return {
        status: Number(received[':status']),
        headers: { get: (name) => (received[name] === undefined ? null : String(received[name])) },
        arrayBuffer: async () => bytes.buffer,
      };
    } finally {
      session.close();
    }
  };
}

const missing = findMissing(programs);
const needsServers = missing.length > 0 && !process.env['CI'];
const title = needsServers ? `unbound and nsd (skipped: install ${missing.join(', ')})` : 'unbound and nsd';

describe.skipIf(needsServers)(title, () => {
  let zones: LocalZones;
  let resolver: StubResolver;
  beforeAll(async () => {
    zones = await startLocalZones();
    resolver = new StubResolver({ servers: [{ address: '127.0.0.1', port: zones.port }] });
  });
  afterAll(async () => {
    resolver?.close();
    await zones?.stop();
  });

  it('RFC 4035 §4.9.3: a validated answer is secure, one of an unsigned zone insecure', async () => {
    expect(await resolver.query('mail.secure.example', 'A')).toMatchObject({
      status: 'ok',
      security: 'secure',
      records: [{ data: '192.0.2.1' }],
    });
    expect(await resolver.query('mail.insecure.example', 'A')).toMatchObject({ status: 'ok', security: 'insecure' });
    expect(await resolver.query('any.wild.secure.example', 'A')).toMatchObject({ status: 'ok', security: 'secure' });
  });

  it('RFC 4035 §5.5: what was tampered with is bogus, with the reason', async () => {
    const answer = await resolver.query('mail.bogus.example', 'A');
    expect(answer).toMatchObject({ status: 'servfail', security: 'bogus', records: [] });
    expect(answer.problem).toContain('bogus');
  });

  it('RFC 2308 §2: denials are validated too', async () => {
    expect(await resolver.query('none.secure.example', 'A')).toMatchObject({ status: 'nxdomain', security: 'secure', ttlSeconds: 120 });
    expect(await resolver.query('mail.secure.example', 'MX')).toMatchObject({ status: 'nodata', security: 'secure', ttlSeconds: 120 });
    expect(await resolver.query('none.insecure.example', 'A')).toMatchObject({ status: 'nxdomain', security: 'insecure' });
  });

  it('RFC 1034 §3.6.2: aliases, as secure as their weakest link', async () => {
    expect(await resolver.query('www.secure.example', 'A')).toMatchObject({ security: 'secure', aliases: ['mail.secure.example'] });
    expect(await resolver.query('away.secure.example', 'AAAA')).toMatchObject({
      status: 'ok',
      security: 'insecure',
      aliases: ['www.insecure.example', 'mail.insecure.example'],
      records: [{ data: '2001:db8::1' }],
    });
  });

  it('records of every type that mail wants', async () => {
    const zone = 'secure.example';
    const data = async (name: string, type: 'MX' | 'TLSA' | 'CAA' | 'SRV' | 'SOA' | 'NS' | 'DNSKEY' | 'NSEC3PARAM') =>
      (await resolver.query(name, type)).records.map((record) => record.data);
    expect(await data(zone, 'MX')).toEqual([{ preference: 10, exchange: 'mail.secure.example' }]);
    expect(await data(`_25._tcp.mail.${zone}`, 'TLSA')).toMatchObject([{ usage: 3, selector: 1, matchingType: 1 }]);
    expect(await data(zone, 'CAA')).toMatchObject([{ critical: true, tag: 'issue' }]);
    expect(await data(`_submissions._tcp.${zone}`, 'SRV')).toEqual([{ priority: 0, weight: 1, port: 465, target: 'mail.secure.example' }]);
    expect(await data(zone, 'SOA')).toMatchObject([{ primary: 'ns.secure.example', minimumSeconds: 120 }]);
    expect(await data(zone, 'NS')).toEqual(['ns.secure.example']);
    expect(await data(zone, 'DNSKEY')).toMatchObject([{ flags: 257, protocol: 3, algorithm: 13 }]);
    expect(await data(zone, 'NSEC3PARAM')).toMatchObject([{ algorithm: 1 }]);
    const txt = await resolver.query(zone, 'TXT');
    expect(txt.records.map((record) => joinTxt(record.data))).toEqual(['v=spf1 mx -all; and more']);
  });

  it('RFC 7766 §5: what does not fit into a datagram comes over TCP, signatures and all', async () => {
    const answer = await resolver.query('large.secure.example', 'TXT');
    expect(answer).toMatchObject({ status: 'ok', security: 'secure' });
    expect(answer.records).toHaveLength(20);
  });

  it('RFC 7858 §3.2, RFC 7858 §3.3, RFC 7858 §4.1: over TLS, with the right name on the certificate, or for privacy alone', async () => {
    const server = { address: '127.0.0.1', port: zones.tlsPort, transport: 'tls' as const };
    const open = (tls: object) => new StubResolver({ servers: [{ ...server, tls }], rounds: 1 });
    const good = open({ serverName: 'dns.example', ca: zones.certificate });
    const many = await Promise.all(Array.from({ length: 50 }, (_, i) => good.query(`n${i}.wild.secure.example`, 'A')));
    expect(many.every(({ status, security }) => status === 'ok' && security === 'secure')).toBe(true);
    const wrongName = open({ serverName: 'other.example', ca: zones.certificate });
    expect(await wrongName.query('mail.secure.example', 'A')).toMatchObject({
      status: 'timeout',
      problem: expect.stringContaining('other.example'),
    });
    const unknown = open({ serverName: 'dns.example' });
    expect((await unknown.query('mail.secure.example', 'A')).status).toBe('timeout');
    const opportunistic = open({ opportunistic: true });
    expect(await opportunistic.query('mail.secure.example', 'A')).toMatchObject({ status: 'ok', security: 'indeterminate' });
    for (const each of [good, wrongName, unknown, opportunistic]) each.close();
  });

  it('RFC 8484 §4.1, RFC 8484 §5.2: over HTTPS, by HTTP/2, validated here', async () => {
    const url = `https://127.0.0.1:${zones.httpsPort}/dns-query{?dns}`;
    const exchanger = new HttpsExchanger({ url, fetch: http2Fetch(zones.certificate) });
    const trustAnchors = unwrap(parseTrustAnchors(zones.anchors.join('\n')));
    const validating = new ValidatingResolver({ exchanger, clock: Date, trustAnchors });
    expect(await validating.query('mail.secure.example', 'A')).toMatchObject({ status: 'ok', security: 'secure' });
    expect(await validating.query('none.secure.example', 'A')).toMatchObject({ status: 'nxdomain', security: 'secure' });
    expect(await validating.query('mail.bogus.example', 'A')).toMatchObject({ status: 'servfail', security: 'bogus' });
    expect(await exchanger.exchange('large.secure.example', 'TXT')).toMatchObject({ status: 'message', message: { truncated: false } });
    const elsewhere = new HttpsExchanger({ url: url.replace('dns-query', 'elsewhere'), fetch: http2Fetch(zones.certificate) });
    expect((await elsewhere.exchange('mail.secure.example', 'A')).status).toBe('servfail');
    const untrusted = new HttpsExchanger({ url, fetch: http2Fetch('') });
    expect((await untrusted.exchange('mail.secure.example', 'A')).status).toBe('timeout');
  });

  it('many questions at once, each with its own answer', async () => {
    const many = await Promise.all(Array.from({ length: 500 }, (_, i) => resolver.query(`n${i}.wild.insecure.example`, 'A')));
    expect(many.map(({ records }) => records[0]?.name)).toEqual(Array.from({ length: 500 }, (_, i) => `n${i}.wild.insecure.example`));
  });

  it('an authoritative server is no resolver: what it does not know is refused', async () => {
    const authority = new StubResolver({ servers: [{ address: '127.0.0.1', port: zones.authorityPort, trusted: false }] });
    expect((await authority.query('mail.elsewhere.test', 'A')).status).toBe('refused');
    expect(await authority.query('away.secure.example', 'A')).toMatchObject({ status: 'ok', security: 'indeterminate' });
  });

  it('the whole resolver: cache and names of this machine', async () => {
    const whole = new NodeResolver({ servers: [{ address: '127.0.0.1', port: zones.port }] });
    expect(await lookupAddresses(whole, 'mail.secure.example')).toMatchObject({
      status: 'ok',
      security: 'secure',
      addresses: [
        { address: '2001:db8::1', version: 6 },
        { address: '192.0.2.1', version: 4 },
      ],
    });
    expect((await whole.query('localhost', 'A')).records[0]?.data).toBe('127.0.0.1');
    expect((await whole.query('mail.bogus.example', 'A')).security).toBe('bogus');
    expect((await whole.query('mail.bogus.example', 'A')).security).toBe('bogus');
    whole.close();
  });
});
