import { fromLatin1, toLatin1 } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { formatTxt } from './character-string.ts';
import { joinTxt } from './record.ts';
import { formatRecording, parseRecording, parseZone, RecordingResolver, ReplayingResolver, ZoneResolver } from './testing.ts';
import { formatRecordData, traceDns } from './trace-dns.ts';

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
    await recording.query('_25._tcp.mail.example.org', 'TLSA');
    expect(unwrap(parseRecording(formatRecording(recording.recorded)))).toEqual(recording.recorded);
    for (const text of ['', '{}', '[1]', '[{"name":"a","type":"WHAT","answer":{}}]', '[{"name":"a","type":"A","answer":{}}]']) {
      expect(parseRecording(text).ok).toBe(false);
    }
    expect(traceDns('mail.example.org', 'A', answer)).toEqual({
      name: 'mail.example.org',
      type: 'A',
      status: 'ok',
      authentic: true,
      answers: ['192.0.2.1'],
    });
  });
});

describe('traceDns', () => {
  it('keeps the first 32 records, each cut at 2,048 characters', async () => {
    const many = new ZoneResolver(Array.from({ length: 40 }, () => `many. TXT "${'x'.repeat(3000)}"`).join('\n'));
    const { answers = [] } = traceDns('many', 'TXT', await many.query('many', 'TXT'));
    expect(answers).toHaveLength(33);
    expect(answers[0]).toHaveLength(2051);
    expect(answers[32]).toBe('and 8 more');
  });

  it('takes records that are formatted already', async () => {
    const texts = ['plain', 'a "quoted" one', 'back\\slash', 'tab\t', 'caf\u00e9', ...Array.from({ length: 40 }, () => 'x'.repeat(3000))];
    const answer = await new ZoneResolver(
      texts.map((text) => ({ name: 'a', type: 'TXT', ttlSeconds: 60, data: [fromLatin1(text)] })),
    ).query('a', 'TXT');
    const formatted = answer.records.map((record) => formatTxt(joinTxt(record.data)));
    expect(formatted).toEqual(answer.records.map(formatRecordData));
    const long = `"${'x'.repeat(255)}"`;
    expect(formatted.slice(0, 6)).toEqual([
      '"plain"',
      '"a \\"quoted\\" one"',
      '"back\\\\slash"',
      '"tab\\009"',
      '"caf\\233"',
      `${`${long} `.repeat(11)}"${'x'.repeat(195)}"`,
    ]);
    expect(traceDns('a', 'TXT', answer, formatted)).toEqual(traceDns('a', 'TXT', answer));
  });
});

describe('parseZone', () => {
  it('RFC 3597 §5: reads types, the class and data by their numbers', () => {
    const text = [
      'a CLASS1 TYPE1 192.0.2.1',
      'a IN A \\# 4 C000 (',
      '  02 02 )',
      'a TYPE15 \\# 5 000a 016d 00',
      'a TYPE731 \\# 6 abcdef 012345',
      'a TYPE65280 \\# 0',
      '  TYPE16 \\# 3 02 6869',
    ];
    const records = unwrap(parseZone(text.join('\n'), { origin: 'zone.example' }));
    expect(records.map(({ type, data }) => [type, data])).toEqual([
      ['A', '192.0.2.1'],
      ['A', '192.0.2.2'],
      ['MX', { preference: 10, exchange: 'm' }],
      ['TXT', [fromLatin1('hi')]],
    ]);
    for (const [line, message] of [
      ['a A \\# 3 c00002', /no data of type A/],
      ['a A \\# 5 c000020100', /no data of type A/],
      ['a A \\# 4 c00002', /4 bytes expected, 3 found/],
      ['a A \\# 4 c000020', /hexadecimal/],
      ['a A "\\#" 4 c0000201', /IPv4/],
      ['a TYPE731 abcd', /unknown record type TYPE731/],
      ['a TYPE99999 \\# 0', /unknown record type/],
      ['a CLASS32 A 192.0.2.1', /unknown record type CLASS32/],
    ] as const)
      expect(parseZone(line)).toMatchObject({ ok: false, error: { message: expect.stringMatching(message) } });
  });

  it('RFC 1035 §5.1: a dot behind a backslash is part of its label', () => {
    const text = 'Example.org. SOA ns Jo\\.e.example.org. 1 2 3 4 5\na\\.b CNAME c\\.\n\\065 CNAME \\@';
    const records = unwrap(parseZone(text, { origin: 'zone.example' }));
    expect(records.map(({ name }) => name)).toEqual(['example.org', 'a\\.b.zone.example', 'a.zone.example']);
    expect(records.map(({ data }) => data)).toMatchObject([
      { primary: 'ns.zone.example', mailbox: 'jo\\.e.example.org' },
      'c\\..zone.example',
      '@.zone.example',
    ]);
    expect(parseZone(`${'x'.repeat(64)} A 192.0.2.1`)).toMatchObject({ ok: false, error: { offset: 0 } });
  });

  it.each([
    ['a A', 2, 'an address expected'],
    ['a A 192.0.2.256', 4, 'an IPv4 address expected'],
    ['a AAAA 192.0.2.1', 7, 'an IPv6 address expected'],
    ['a TXT "open', 6, 'a quoted string without an end'],
    ['a MX ten mail', 5, 'a preference expected'],
    ['a WHAT x', 2, 'unknown record type WHAT'],
    ['a TLSA 3 1 1 (abc', 17, 'a parenthesis without an end'],
    ['a TLSA 3 1 1 abc', 2, 'hexadecimal digits expected'],
    ['a 300 IN', 0, 'a record type expected'],
    ['a A 192.0.2.1\nb MX 70000 m', 19, 'a preference expected'],
    ['a RRSIG WHAT 1', 8, 'unknown record type WHAT'],
    ['a MX 10 m more', 10, 'nothing more expected'],
    ['a A \\# 4 c0000201 00', 4, '4 bytes expected, 5 found'],
    ['a TXT', 2, 'a string expected'],
    ['a TXT "x\\300"', 8, 'a character, or three digits of a byte, expected'],
    ['a TXT "x\\1"', 8, 'a character, or three digits of a byte, expected'],
    ['a TXT x\\', 7, 'a character, or three digits of a byte, expected'],
    ['a MX 10) m', 7, 'a parenthesis without a beginning'],
    ['a TLSA 3 1 1', 2, 'hexadecimal digits expected'],
    ['a CAA 256 issue x', 6, 'flags expected'],
    [`a NSEC3PARAM 1 0 0 ${'00'.repeat(256)}`, 19, 'hexadecimal digits of at most 255 bytes expected'],
    ['$TTL 1x', 5, 'seconds expected'],
    ['$TTL 9999w', 5, 'seconds expected'],
    ['$TTL soon', 5, 'seconds expected'],
    ['$ORIGIN', 0, 'a name expected'],
    ['$INCLUDE other', 0, '$INCLUDE is not supported'],
  ])('RFC 1035 §5.1: %j is refused at offset %i: %s', (text, offset, message) => {
    expect(parseZone(text)).toEqual({ ok: false, error: { offset, message } });
  });

  it('RFC 1035 §5.1: a line without an owner that none precedes is of the origin', () => {
    expect(unwrap(parseZone(' A 192.0.2.1', { origin: 'zone.example' }))).toMatchObject([{ name: 'zone.example' }]);
  });

  it.each([
    ['$TTL 1h30m\na A 192.0.2.1', 5400],
    ['a 1W2d3H4m5s A 192.0.2.1', 788_645],
    ['a 60 SOA . . 1 1d 2h 1w 3m', 60],
  ])('RFC 1035 §5.1: times with units, as name servers read them: %j', (text, ttlSeconds) => {
    expect(unwrap(parseZone(text))).toMatchObject([{ ttlSeconds }]);
  });

  it('passes over records that no resolver answers', () => {
    const text = [
      'a SSHFP 1 1 00',
      'a 60 IN NAPTR 100 10 "S" "x" "" .',
      '   LOC A 192.0.2.1',
      ' spf 300 IN TXT x',
      ' SSHFP 1 1 00',
      ' HINFO "A" "MX"',
      ' SSHFP A 192.0.2.2',
      'a IN URI 1 1 "x"',
    ];
    expect(unwrap(parseZone(text.join('\n'))).map(({ name, type }) => `${name} ${type}`)).toEqual(['loc A', 'spf TXT', 'sshfp A']);
  });

  it('RFC 1035 §5.1: names with characters that zone text gives a meaning to come back', () => {
    const [record] = unwrap(parseZone('a CNAME \\;\\(\\)\\"\\@\\$\\..example.'));
    expect(record && formatRecordData(record)).toBe('\\;\\(\\)\\"\\@\\$\\..example.');
  });

  it('records of every type read as they are formatted', () => {
    const text = [
      'a.example. 60 A 192.0.2.1',
      'a.example. 60 AAAA 2001:db8::1',
      'a.example. 60 CNAME b.example.',
      'a.example. 60 NS b.example.',
      'a.example. 60 PTR b.example.',
      'a.example. 60 MX 10 b.example.',
      'a.example. 60 MX 0 .',
      'a.example. 60 TXT "quoted \\"text\\""',
      'a.example. 60 SOA b.example. c.example. 1 2 3 4 5',
      'a.example. 60 SRV 1 2 3 b.example.',
      'a.example. 60 TLSA 3 1 1 00ff',
      'a.example. 60 CAA 128 issue "ca.example"',
      'a.example. 60 DS 1 13 2 00ff',
      'a.example. 60 DNSKEY 257 3 13 AAEC',
      'a.example. 60 RRSIG MX 13 2 60 2000000000 1900000000 7 example. AAEC',
      'a.example. 60 NSEC b.example. A MX TYPE65280',
      'a.example. 60 NSEC3 1 0 5 aabb 0123456789abcdefghijklmnopqrstuv A MX',
      'a.example. 60 NSEC3PARAM 1 0 0 -',
      'a.example. 60 SVCB 1 b.example. alpn=h2,h3 port=443 key65280=a\\032b key65281',
      'a.example. 60 HTTPS 0 b.example.',
    ];
    const records = unwrap(parseZone(text.join('\n')));
    expect(records.map((record) => `${record.name}. ${record.ttlSeconds} ${record.type} ${formatRecordData(record)}`)).toEqual(text);
  });

  it('RFC 4034 §3.2: times of signatures as dates', () => {
    const [record] = unwrap(parseZone('a RRSIG A 13 2 60 20330518033320 19700101000001 7 b. AA=='));
    expect(record?.data).toMatchObject({ expiration: 2_000_000_000, inception: 1 });
  });

  it('mutants of zones neither throw nor hang', () => {
    const tokens = ['\n', '(', ')', '"', ';', '\\', '$ORIGIN ', '$TTL ', ' IN ', '@', '\t'];
    for (const mutant of mutants([zone], { count: 3000, seed: 5, tokens })) {
      const text = toLatin1(mutant);
      const parsed = parseZone(text);
      if (!parsed.ok) expect(parsed.error.offset).toBeLessThanOrEqual(text.length);
    }
  });
});
