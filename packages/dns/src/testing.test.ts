import { describe, expect, it } from 'vitest';
import { joinTxt } from './record.ts';
import { parseZone, RecordingResolver, ReplayingResolver, ZoneResolver } from './testing.ts';
import { traceDns } from './trace-dns.ts';

const zone = `
$ORIGIN example.org.
$TTL 300
@       IN MX 10 mail
        IN MX 20 backup.example.net.
        TXT "v=spf1 " "-all" ; a comment; with semicolons
mail    60 IN A 192.0.2.1
        AAAA 2001:db8::1
www     CNAME mail
loop    CNAME loop
_25._tcp.mail TLSA 3 1 1 (
          0123456789abcdef
          0123456789ABCDEF )
`;

describe('ZoneResolver', () => {
  const resolver = new ZoneResolver(zone, { failures: { 'slow.example.org': 'timeout' }, securityOf: { 'mail.example.org': 'secure' } });

  it('RFC 1035 §5.1: origin, default TTL, continued owners, parentheses, quoted strings', async () => {
    const mx = await resolver.query('Example.ORG.', 'MX');
    expect(mx).toMatchObject({ status: 'ok', ttlSeconds: 300, aliases: [] });
    expect(mx.records.map((record) => record.data.exchange)).toEqual(['mail.example.org', 'backup.example.net']);
    const txt = await resolver.query('example.org', 'TXT');
    expect(txt.records.map((record) => joinTxt(record.data))).toEqual(['v=spf1 -all']);
    const tlsa = await resolver.query('_25._tcp.mail.example.org', 'TLSA');
    expect(tlsa.records[0]?.data.association.length).toBe(16);
  });

  it('RFC 2308 §2: tells no data from no such name, and knows empty non-terminals', async () => {
    expect((await resolver.query('mail.example.org', 'MX')).status).toBe('nodata');
    expect((await resolver.query('_tcp.mail.example.org', 'TXT')).status).toBe('nodata');
    expect((await resolver.query('nobody.example.org', 'A')).status).toBe('nxdomain');
  });

  it('follows aliases, as secure as the weakest link, and ends a loop', async () => {
    expect(await resolver.query('www.example.org', 'A')).toMatchObject({
      status: 'ok',
      aliases: ['mail.example.org'],
      security: 'insecure',
    });
    expect((await resolver.query('loop.example.org', 'A')).status).toBe('servfail');
  });

  it('fails where told, and for names that cannot be asked', async () => {
    expect((await resolver.query('slow.example.org', 'A')).status).toBe('timeout');
    expect((await resolver.query(`${'x'.repeat(64)}.example.org`, 'A')).status).toBe('malformed-name');
  });

  it('a recording replays', async () => {
    const recording = new RecordingResolver(resolver);
    const answer = await recording.query('mail.example.org', 'A');
    const replaying = new ReplayingResolver(recording.recorded);
    expect(await replaying.query('MAIL.example.org', 'A')).toEqual(answer);
    expect((await replaying.query('mail.example.org', 'AAAA')).status).toBe('timeout');
    expect(traceDns('mail.example.org', 'A', answer)).toEqual({
      name: 'mail.example.org',
      type: 'A',
      status: 'ok',
      authentic: true,
      answers: ['192.0.2.1'],
    });
  });
});

describe('parseZone', () => {
  it.each([
    ['a A', 3],
    ['a TXT "open', 6],
    ['a MX ten mail', 5],
    ['a WHAT x', 2],
    ['a TLSA 3 1 1 (abc', 17],
  ])('%j is refused at offset %i', (text, offset) => {
    expect(parseZone(text)).toMatchObject({ ok: false, error: { offset: expect.any(Number) } });
    const parsed = parseZone(text);
    if (!parsed.ok) expect(parsed.error.offset).toBeLessThanOrEqual(offset);
  });
});
