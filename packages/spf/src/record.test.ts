import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { formatSpfRecord, isSpfRecord, parseSpfRecord } from './record.ts';

describe('isSpfRecord', () => {
  it.each([
    ['v=spf1', true],
    ['V=SPF1 -all', true],
    ['v=spf10 -all', false],
    ['v=spf1-all', false],
    ['v=spf2.0/pra -all', false],
    [' v=spf1', false],
  ])('RFC 7208 §4.5: %j -> %s', (text, expected) => {
    expect(isSpfRecord(text)).toBe(expected);
  });
});

describe('parseSpfRecord', () => {
  it('RFC 7208 §4.6.1: mechanisms in order, modifiers apart', () => {
    const parsed = parseSpfRecord(
      'v=spf1 +MX/24//64 a:mail.%{d2}/28 ~include:_spf.example.net ?ip6:2001:db8::/32 exp=why.%{d} redirect=other.example x=%% -all',
    );
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        mechanisms: [
          { type: 'mx', result: 'pass', ip4Prefix: 24, ip6Prefix: 64 },
          { type: 'a', result: 'pass', ip4Prefix: 28, ip6Prefix: 128, domain: { text: 'mail.%{d2}' } },
          { type: 'include', result: 'softfail', domain: { text: '_spf.example.net' } },
          { type: 'ip6', result: 'neutral', network: { prefixLength: 32 } },
          { type: 'all', result: 'fail' },
        ],
        explanation: { text: 'why.%{d}' },
        redirect: { text: 'other.example' },
        modifiers: [{ name: 'x' }],
      },
    });
  });

  it.each([
    ['v=spf1 all:example.org', '§5.1: all takes nothing'],
    ['v=spf1 include', '§5.2: include needs a domain'],
    ['v=spf1 include:', '§5.2: include needs a domain'],
    ['v=spf1 include/24', '§5.2: no prefix'],
    ['v=spf1 a/33', '§5.6: prefix out of range'],
    ['v=spf1 a/024', '§5.6: leading zero'],
    ['v=spf1 a//129', '§5.6: prefix out of range'],
    ['v=spf1 a:', '§5.3: empty domain'],
    ['v=spf1 a:example', '§7.1: no top label'],
    ['v=spf1 a:example.123', '§7.1: digits alone are no top label'],
    ['v=spf1 a:example.-com', '§7.1: a hyphen at the start'],
    ['v=spf1 a:example.com:8080', '§7.1: a colon in the top label'],
    ['v=spf1 ip4:192.0.2', '§5.6: three numbers'],
    ['v=spf1 ip4:192.0.2.1/', '§5.6: no digits'],
    ['v=spf1 ip4:2001:db8::1', '§5.6: the wrong version'],
    ['v=spf1 ip4', '§5.6: no network'],
    ['v=spf1 ptr/24', '§5.5: no prefix'],
    ['v=spf1 redirect=a.example redirect=b.example', '§6: twice'],
    ['v=spf1 exp=', '§6.2: empty'],
    ['v=spf1 =all', '§12: a modifier without a name'],
    ['v=spf1 1up=foo', '§12: a name that begins with a digit'],
    ['v=spf1 foo=%x', '§7.3: a macro that is none'],
    ['v=spf1 foo=%{d0}', '§7.3: zero parts'],
    ['v=spf1 a:%{c}.example.org', '§7.2: a letter for explanations'],
    ['v=spf1\t-all', '§12: a tab'],
    ['v=spf1 -a\u00e9', '§3.1: not ASCII'],
    ['v=spf1 hasOwnProperty', '§4.6.1: unknown mechanism'],
    ['v=spf1 --all', '§4.6.1: two qualifiers'],
    ['v=spf1 -redirect=a.example', '§4.6.1: a qualifier before a modifier'],
    ['v=spf1 a:foo.%%{d}', '§7.1: "%%" and then literal text that looks like a macro'],
    ['v=spf1 a:foo.%%_', '§7.1: "%%" and then an underscore'],
    ['v=spf1 a:%{dr2}', '§7.1: digits come before the "r"'],
    ['v=spf1 a:%{d00}', '§7.3: zero parts'],
    ['v=spf1 a:/24', '§5.3: a colon without a domain'],
    ['v=spf1 a/24/64', '§5.6: one slash before the IPv6 length'],
    ['v=spf1 ip6:fe80::1%eth0', '§5.6: a zone'],
    ['v=spf1 -all\u00a0', '§12: a space beyond ASCII'],
    ['v=spf1 mx ip4', '§5.6: no network, behind what is valid'],
  ])('%j is invalid: RFC 7208 %s', (text) => {
    expect(parseSpfRecord(text).ok).toBe(false);
  });

  it.each([
    'v=spf1',
    'v=spf1   ',
    'V=SPF1 MX/24//64 -ALL ',
    'v=spf1 a:x%% a:x%_ a:x%- -all',
    'v=spf1 exists:%{L1R-.+,/_=}.example.org. all',
    'v=spf1 a:.org a:example.1-2 a:example.com/foo.org',
    'v=spf1 x= x=%% moo.Cow-1_=/:= redirect=%{d}',
    'v=spf1 ip6:::ffff:192.0.2.1/96 ip4:0.0.0.0/0 ip6:::/0',
  ])('RFC 7208 §12: %j is valid', (text) => {
    expect(parseSpfRecord(text)).toMatchObject({ ok: true });
  });

  it('the error names the term and where it begins', () => {
    expect(parseSpfRecord('v=spf1  mx a/99 -all')).toEqual({
      ok: false,
      error: { offset: 11, message: 'term "a/99": a prefix length out of range' },
    });
  });

  const domain = fc.constantFrom('example.org', '%{d}', '_spf.%{i}.example.net', 'a%%b.example', '%{l1r-+/}.x.example.');
  const qualifier = fc.constantFrom('', '-', '~', '?');
  const prefix = (limit: number): fc.Arbitrary<string> =>
    fc.option(fc.integer({ min: 0, max: limit }), { nil: undefined }).map((n) => (n === undefined ? '' : `/${n}`));
  const term = fc.oneof(
    fc.constant('all'),
    domain.map((name) => `include:${name}`),
    domain.map((name) => `exists:${name}`),
    domain.map((name) => `ptr:${name}`),
    fc
      .tuple(fc.constantFrom('a', 'mx'), fc.option(domain, { nil: '' }), prefix(31), prefix(127))
      .map(([name, target, ip4, ip6]) => `${name}${target && `:${target}`}${ip4}${ip6 && `/${ip6}`}`),
    prefix(31).map((length) => `ip4:192.0.2.1${length}`),
    prefix(127).map((length) => `ip6:2001:db8::1${length}`),
  );

  it('format of what was parsed is what was published', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(qualifier, term).map((pair) => pair.join('')),
          { maxLength: 12 },
        ),
        fc.option(domain),
        (terms, redirect) => {
          const text = ['v=spf1', ...terms, ...(redirect ? [`redirect=${redirect}`] : [])].join(' ');
          const parsed = parseSpfRecord(text);
          expect(parsed.ok && formatSpfRecord(parsed.value)).toBe(text);
        },
      ),
    );
  });

  it('mutants never throw, and what is valid formats to what parses the same', () => {
    const seeds = [
      'v=spf1 mx/24//64 a:mail.%{d2}/28 ~include:_spf.example.net ?ip6:2001:db8::/32 exp=why.%{d} redirect=o.example -all',
      'v=spf1 ip4:192.0.2.0/24 ptr:%{p} exists:%{ir}.x.example',
    ];
    for (const mutant of mutants(seeds, { count: 20_000, tokens: ['%{', '}', '%', ' ', '/', '//', ':', '=', 'ip4:', 'a:', '%%'] })) {
      const parsed = parseSpfRecord(String.fromCharCode(...mutant.subarray(0, 5000)));
      if (!parsed.ok) continue;
      const again = parseSpfRecord(formatSpfRecord(parsed.value));
      expect(again).toEqual(parsed);
    }
  });
});
