import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { applicablePolicies, type DmarcRecord, formatDmarcRecord, parseDmarcRecord } from './record.ts';
import { mailboxOfReportUri, parseReportUri } from './report-uri.ts';

const defaults: DmarcRecord = { adkim: 'r', aspf: 'r', psd: 'u', t: 'n', fo: ['0'], rua: [], ruf: [], extensions: [] };
const uri = (text: string): { uri: string } => ({ uri: text });

describe('parseDmarcRecord', () => {
  it.each<[string, Partial<DmarcRecord>]>([
    ['v=DMARC1', {}],
    ['v=DMARC1;', {}],
    ['v = DMARC1 ; p = reject ;', { p: 'reject' }],
    [' v=DMARC1;p=none', { p: 'none' }],
    ['V=DMARC1; p=QUARANTINE', { p: 'quarantine' }],
    [
      'v=DMARC1; p=reject; sp=quarantine; np=none; psd=y; t=y; adkim=s; aspf=s',
      { p: 'reject', sp: 'quarantine', np: 'none', psd: 'y', t: 'y', adkim: 's', aspf: 's' },
    ],
    ['v=DMARC1; psd=n; p=none', { psd: 'n', p: 'none' }],
    [
      'v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.net!10m , https://r.example/x',
      { p: 'none', rua: [uri('mailto:a@example.com'), { uri: 'mailto:b@example.net', mostBytes: 10 << 20 }, uri('https://r.example/x')] },
    ],
    ['v=DMARC1; p=none; ruf=mailto:f@example.com; fo=1:d:s', { p: 'none', ruf: [uri('mailto:f@example.com')], fo: ['1', 'd', 's'] }],
    ['v=DMARC1; p=none; x-new=something else', { p: 'none', extensions: [['x-new', 'something else']] }],
  ])('RFC 9989 §4.7: %j', (text, expected) => {
    const withoutHyphen = text.replace('x-new', 'xnew');
    const record = { ...defaults, ...expected, ...(expected.extensions && { extensions: [['xnew', 'something else'] as const] }) };
    expect(parseDmarcRecord(withoutHyphen)).toEqual({ ok: true, value: { record, defects: [] } });
  });

  it.each([
    '',
    'v=DMARC2; p=none',
    'v=dmarc1; p=none',
    'v=DMARC1 p=none',
    'v=DMARC10; p=none',
    'p=none; v=DMARC1',
    'DMARC1; p=none',
    'spf v=DMARC1; p=none',
  ])('RFC 9989 §4.7: %j is no DMARC record', (text) => {
    expect(parseDmarcRecord(text).ok).toBe(false);
  });

  it.each(['v=DMARC1; p=none; p=reject', 'v=DMARC1; p=none; P=reject', 'v=DMARC1; v=DMARC1; p=none', 'v=DMARC1; x=1; p=none; x=2'])(
    'RFC 6376 §3.2: %j has a tag twice and is invalid',
    (text) => {
      expect(parseDmarcRecord(text)).toMatchObject({ ok: false, error: { message: expect.stringContaining('a second time') } });
    },
  );

  it.each<[string, Partial<DmarcRecord>, string]>([
    ['v=DMARC1; p=discard', {}, 'p'],
    ['v=DMARC1; p=none; sp=', { p: 'none' }, 'sp'],
    ['v=DMARC1; p=none; adkim=x', { p: 'none' }, 'adkim'],
    ['v=DMARC1; p=none; t=yes', { p: 'none' }, 't'],
    ['v=DMARC1; p=none; psd=1', { p: 'none' }, 'psd'],
    ['v=DMARC1; p=none; fo=2', { p: 'none' }, 'fo'],
    ['v=DMARC1; p=none; fo=0:1:d:s', { p: 'none', fo: ['1', 'd', 's'] }, 'fo'],
    ['v=DMARC1; p=none; fo=d:d', { p: 'none', fo: ['d'] }, 'fo'],
    ['v=DMARC1; p=none; pct=101', { p: 'none' }, 'pct'],
    ['v=DMARC1; p=none; ri=x', { p: 'none' }, 'ri'],
    ['v=DMARC1; p=none; rua=postmaster@example.com', { p: 'none' }, 'rua'],
    ['v=DMARC1; p=none; rua=mailto:a@b.example, nonsense', { p: 'none', rua: [uri('mailto:a@b.example')] }, 'rua'],
    ['v=DMARC1; p=none; rua=mailto:a%zz@b.example', { p: 'none' }, 'rua'],
    ['v=DMARC1; p=reject\v', {}, 'p'],
    ['v=DMARC1; p=none; \u00a0sp=reject', { p: 'none' }, '\u00a0sp'],
    ['v=DMARC1; P=reject', { p: 'reject' }, 'p'],
    ['v=DMARC1;; p=reject', { p: 'reject' }, ''],
    ['v=DMARC1; reject; p=reject', { p: 'reject' }, ''],
    ['v=DMARC1; p=reject; =x', { p: 'reject' }, ''],
    ['v=DMARC1; p=reject; note=caf\u00e9', { p: 'reject' }, 'note'],
  ])('RFC 9989 §4.8: of %j what is wrong is passed over, and listed', (text, expected, tag) => {
    const parsed = parseDmarcRecord(text);
    expect(parsed).toMatchObject({ ok: true, value: { record: { ...defaults, ...expected }, defects: [{ tag }] } });
  });

  it.each([
    ['v=DMARC1; p=reject; sp=none', { p: 'reject', sp: 'none' }],
    ['v=DMARC1', undefined],
    ['v=DMARC1; rua=mailto:a@example.com', { p: 'none' }],
    ['v=DMARC1; rua=nonsense', undefined],
    ['v=DMARC1; p=bad; rua=mailto:a@example.com', { p: 'none' }],
    ['v=DMARC1; p=reject; sp=bad', undefined],
    ['v=DMARC1; p=reject; sp=bad; rua=mailto:a@example.com', { p: 'none' }],
    ['v=DMARC1; p=reject; np=bad; rua=mailto:a@example.com', { p: 'none' }],
    ['v=DMARC1; P=reject', { p: 'reject' }],
    ['v=DMARC1; p=reject; adkim=bad', { p: 'reject' }],
  ])('RFC 9989 §4.10.1: %j asks for %j', (text, policies) => {
    const parsed = parseDmarcRecord(text);
    expect(parsed.ok && applicablePolicies(parsed.value)).toEqual(policies);
  });
});

describe('reporting URIs', () => {
  it.each([
    ['mailto:a@example.com!50', { uri: 'mailto:a@example.com', mostBytes: 50 }],
    ['mailto:a@example.com!2K', { uri: 'mailto:a@example.com', mostBytes: 2048 }],
    ['mailto:a@example.com!99999999999999999999t', { uri: 'mailto:a@example.com', mostBytes: Number.MAX_SAFE_INTEGER }],
    ['mailto:a!b@example.com', undefined],
    ['mailto:', { uri: 'mailto:' }],
    ['a@example.com', undefined],
  ])('RFC 9989 §4.8: %j -> %j', (text, expected) => {
    expect(parseReportUri(text)).toEqual(expected);
  });

  it.each([
    ['mailto:dmarc@example.com', { address: 'dmarc@example.com', host: 'example.com' }],
    ['MAILTO:dmarc%2Brua@example.com?subject=x', { address: 'dmarc+rua@example.com', host: 'example.com' }],
    ['mailto:a@x.example%0d%0aBcc:b@y.example', undefined],
    ['mailto:a@x.example%2Cb@y.example', undefined],
    ['mailto:a@b@x.example', undefined],
    ['mailto:a:b@x.example', undefined],
    ['mailto:a;b@x.example', undefined],
    ['mailto:.a@x.example', undefined],
    ['mailto:%22a%40b%22@x.example', { address: '"a@b"@x.example', host: 'x.example' }],
    ['mailto:j%C3%B6rg@x.example', { address: 'j\u00f6rg@x.example', host: 'x.example' }],
    ['mailto:a@x.example%3E', undefined],
    ['mailto:%ff@x.example', undefined],
    ['mailto:@x.example', undefined],
    ['https://x.example/a@b', undefined],
  ])('RFC 6068 §2: %j leads to %j', (text, expected) => {
    expect(mailboxOfReportUri(text)).toEqual(expected);
  });
});

const policy = fc.constantFrom('none', 'quarantine', 'reject');
const uris = fc.array(
  fc.record(
    {
      uri: fc.stringMatching(/^mailto:[a-z0-9.+]{1,10}@[a-z0-9]{1,8}\.example$/),
      mostBytes: fc.nat(),
    },
    { requiredKeys: ['uri'] },
  ),
  { maxLength: 3 },
);
const arbitraryRecord = fc.record(
  {
    p: policy,
    sp: policy,
    np: policy,
    adkim: fc.constantFrom('r', 's'),
    aspf: fc.constantFrom('r', 's'),
    psd: fc.constantFrom('y', 'n', 'u'),
    t: fc.constantFrom('y', 'n'),
    fo: fc.constantFrom(['0'], ['1'], ['d', 's'], ['1', 'd']),
    rua: uris,
    ruf: uris,
    pct: fc.nat(100),
    ri: fc.nat(),
    rf: fc.constant(['afrf']),
    extensions: fc.uniqueArray(fc.tuple(fc.stringMatching(/^x[a-z]{1,5}$/), fc.stringMatching(/^[a-z:=/,]{1,9}$/)), {
      selector: ([name]) => name,
      maxLength: 3,
    }),
  },
  { requiredKeys: ['adkim', 'aspf', 'psd', 't', 'fo', 'rua', 'ruf', 'extensions'] },
);

describe('formatDmarcRecord', () => {
  it('what is written is read again as it was', () => {
    fc.assert(
      fc.property(arbitraryRecord, (record) => {
        const parsed = parseDmarcRecord(formatDmarcRecord(record as DmarcRecord));
        expect(parsed).toEqual({ ok: true, value: { record, defects: [] } });
      }),
    );
  });

  it('what would be read as something else is not written', () => {
    expect(() => formatDmarcRecord({ ...defaults, extensions: [['x', 'a; p=none']] })).toThrow(TypeError);
    expect(() => formatDmarcRecord({ ...defaults, rua: [uri('mailto:a@b.example\r\n')] })).toThrow(TypeError);
  });

  it('mutants of records never throw', () => {
    const seeds = ['v=DMARC1; p=reject; sp=none; rua=mailto:a@example.com!10m,https://x.example/; fo=1:d:s; adkim=s; pct=20; t=y; psd=n'];
    for (const mutant of mutants(seeds, { count: 5000, tokens: [';', '=', ',', '!', ':', '%', 'v=DMARC1;', 'p=', 'rua=', ' '] })) {
      const parsed = parseDmarcRecord(new TextDecoder('latin1').decode(mutant));
      if (parsed.ok) expect(parseDmarcRecord(formatDmarcRecord(parsed.value.record)).ok).toBe(true);
    }
  });
});
