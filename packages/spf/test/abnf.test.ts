import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { parseSpfRecord } from '../src/index.ts';

// The collected ABNF of RFC 7208 §12, rule by rule, in its own words. Literals are case-insensitive there, as everything is here.
const alphanum = '[a-z0-9]';
const toplabel = `(?:${alphanum}*[a-z]${alphanum}*|${alphanum}+-[a-z0-9-]*${alphanum})`;
// RFC 7208 §7.2: the letters c, r and t are for explanations. RFC 7208 §7.3: a number of parts is not zero.
const macroExpand = '(?:%\\{[slodiphv](?:0*[1-9][0-9]*)?r?[.\\-+,/_=]*\\}|%%|%_|%-)';
const macroString = `(?:${macroExpand}|[\\x21-\\x24\\x26-\\x7e])*`;
const domainSpec = `${macroString}(?:\\.${toplabel}\\.?|${macroExpand})`;
const ip4Length = '/(?:[12]?[0-9]|3[0-2])';
const ip6Length = '/(?:[1-9]?[0-9]|1[01][0-9]|12[0-8])';
const dualLength = `(?:${ip4Length})?(?:/${ip6Length})?`;
const qnum = '(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])';
const ip4Network = `${qnum}\\.${qnum}\\.${qnum}\\.${qnum}`;
// IPv6address of RFC 3986 §3.2.2, which writes RFC 4291 §2.2 down.
const h16 = '[0-9a-f]{1,4}';
const ls32 = `(?:${h16}:${h16}|${ip4Network})`;
const before = (most: number): string => `(?:(?:${h16}:){0,${most}}${h16})?`;
const ip6Network = `(?:${[
  `(?:${h16}:){6}${ls32}`,
  `::(?:${h16}:){5}${ls32}`,
  ...[4, 3, 2, 1].map((count, i) => `${before(i)}::(?:${h16}:){${count}}${ls32}`),
  `${before(4)}::${ls32}`,
  `${before(5)}::${h16}`,
  `${before(6)}::`,
].join('|')})`;
const mechanism = [
  'all',
  `(?:include|exists):${domainSpec}`,
  `(?:a|mx)(?::${domainSpec})?${dualLength}`,
  `ptr(?::${domainSpec})?`,
  `ip4:${ip4Network}(?:${ip4Length})?`,
  `ip6:${ip6Network}(?:${ip6Length})?`,
].join('|');
const directive = new RegExp(`^[-+?~]?(?:${mechanism})$`, 'i');
const knownModifier = new RegExp(`^(redirect|exp)=${domainSpec}$`, 'i');
const unknownModifier = new RegExp(`^(?!(?:redirect|exp)=)[a-z][a-z0-9_.-]*=${macroString}$`, 'i');

/** Whether a text is a `record`; RFC 7208 §6: `redirect` and `exp` stand once at the most. */
function isRecord(text: string): boolean {
  const [version = '', ...terms] = text.split(' ');
  const known: string[] = [];
  for (const term of terms) {
    const modifier = knownModifier.exec(term)?.[1]?.toLowerCase();
    if (modifier !== undefined) known.push(modifier);
    else if (term !== '' && !directive.test(term) && !unknownModifier.test(term)) return false;
  }
  return version.toLowerCase() === 'v=spf1' && new Set(known).size === known.length;
}

const seeds = [
  'v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a mx -all',
  'v=spf1 a:b.example/24//64 mx:%{d}/0 a//128 mx/32 ~ptr ?ptr:c.example ALL',
  'v=spf1 include:_spf.example.net. exists:%{ir}.%{l1r-+}._spf.%{d2} redirect=_spf.%{o}',
  'v=spf1 ip6:::ffff:192.0.2.1/96 ip6:1:2:3:4:5:6:7:8 ip4:255.249.199.99 exp=e%%x.%{S15R.-}.a-1 x.y_z-1=%_%-',
  'v=spf1 mx:a/b.example/9 +a:x.123a -exists:%{v}.example exp=%{h/} unknown= ',
  'V=SPF1 IP4:10.0.0.1/8 INCLUDE:A.B.1C',
];
const tokens = [
  '%{',
  '}',
  '%',
  ' ',
  '/',
  '//',
  ':',
  '::',
  '=',
  '.',
  '-',
  '0',
  '1',
  '128',
  '33',
  'ip4:',
  'ip6:',
  'a:',
  '%%',
  '%{d}',
  'r',
  '\t',
];

describe('RFC 7208 §12: the grammar of records', () => {
  it.each(seeds)('has %j', (text) => expect([isRecord(text), parseSpfRecord(text).ok]).toEqual([true, true]));

  it('is what is read, neither more nor less, in 100,000 mutants of records', () => {
    let accepted = 0;
    for (const mutant of mutants(seeds, { count: 100_000, tokens })) {
      const text = String.fromCharCode(...mutant.subarray(0, 300));
      const { ok } = parseSpfRecord(text);
      if (ok !== isRecord(text)) expect({ text, ok }).toEqual({ text, ok: isRecord(text) });
      if (ok) accepted++;
    }
    expect(accepted).toBeGreaterThan(5000);
  });
});
