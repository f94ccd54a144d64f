import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { parseTlsRptRecord } from '../src/index.ts';

// URI of RFC 3986 appendix A, without the characters that RFC 8460 §3 wants encoded: comma, exclamation point, semicolon.
const pct = '%[0-9A-Fa-f]{2}';
const subDelims = "$&'()*+=";
const pchar = `(?:[A-Za-z0-9._~${subDelims}:@-]|${pct})`;
const userinfo = `(?:[A-Za-z0-9._~${subDelims}:-]|${pct})*`;
const regName = `(?:[A-Za-z0-9._~${subDelims}-]|${pct})*`;
const qnum = '(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])';
const h16 = '[0-9A-Fa-f]{1,4}';
const ls32 = `(?:${h16}:${h16}|${qnum}\\.${qnum}\\.${qnum}\\.${qnum})`;
const before = (most: number): string => `(?:(?:${h16}:){0,${most}}${h16})?`;
const ip6 = [
  `(?:${h16}:){6}${ls32}`,
  `::(?:${h16}:){5}${ls32}`,
  ...[4, 3, 2, 1].map((count, i) => `${before(i)}::(?:${h16}:){${count}}${ls32}`),
  `${before(4)}::${ls32}`,
  `${before(5)}::${h16}`,
  `${before(6)}::`,
].join('|');
const ipLiteral = `\\[(?:${ip6}|[vV][0-9A-Fa-f]+\\.[A-Za-z0-9._~${subDelims}:-]+)\\]`;
const authority = `(?:${userinfo}@)?(?:${ipLiteral}|${regName})(?::[0-9]*)?`;
const hierPart = `(?://${authority}(?:/${pchar}*)*|/(?:${pchar}+(?:/${pchar}*)*)?|${pchar}+(?:/${pchar}*)*|)`;
const query = `(?:${pchar}|[/?])*`;
const uri = `[A-Za-z][A-Za-z0-9+.-]*:${hierPart}(?:\\?${query})?(?:#${query})?`;

// RFC 8460 §3, rule by rule, and blanks behind "rua=" and at the end, which we let through; "rua" is no name of an extension.
const delimiter = '[ \\t]*;[ \\t]*';
const rua = `rua=[ \\t]*${uri}(?:[ \\t]*,[ \\t]*${uri})*`;
const extension = '(?!rua=)[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[\\x21-\\x3a\\x3c\\x3e-\\x7e]+';
const record = new RegExp(`^v=TLSRPTv1(?:${delimiter}(?:${rua}|${extension}))+(?:${delimiter}|[ \\t]*)$`);

/** Whether a text is a record with somewhere to send reports to: RFC 8460 §3 has `mailto:` and `https:`; we take 20 URIs at the most. */
function isRecord(text: string): boolean {
  if (!record.test(text)) return false;
  const uris = text.split(';').flatMap((one) => (one.trim().startsWith('rua=') ? one.trim().slice(4).split(',') : []));
  return uris.length <= 20 && uris.some((one) => /^\s*(?:mailto:[^?#]|https:\/\/[^/?#])/i.test(one));
}

const seeds = [
  'v=TLSRPTv1;rua=mailto:reports@example.com',
  'v=TLSRPTv1; rua=https://u@[2001:db8::1]:443/v1/tls?a=b/c?#d;',
  'v=TLSRPTv1 ; rua=mailto:a%2Cb@example.com\t, https://b.example/ ; x.y-1=z:~ ; rua=urn:x:y',
];
const tokens = [
  ';',
  ',',
  ' ',
  '\t',
  '=',
  'rua=',
  'mailto:',
  'https://',
  '%',
  '%41',
  '[',
  ']',
  '#',
  '?',
  '/',
  '@',
  '!',
  'x=y',
  'mailto:,',
  ':',
];

describe('RFC 8460 §3: the grammar of records', () => {
  it('is what is read, in 100,000 mutants of records', () => {
    let accepted = 0;
    for (const mutant of mutants(seeds, { count: 100_000, tokens })) {
      const text = String.fromCharCode(...mutant.subarray(0, 300));
      const { ok } = parseTlsRptRecord(text);
      if (ok !== isRecord(text)) expect({ text, ok }).toEqual({ text, ok: isRecord(text) });
      if (ok) accepted++;
    }
    expect(accepted).toBeGreaterThan(5000);
  });
});
