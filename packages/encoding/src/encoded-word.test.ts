import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { decodeEncodedWords, encodeWords } from './encoded-word.ts';

describe('decodeEncodedWords', () => {
  const cases: readonly (readonly [title: string, input: string, output: string])[] = [
    ['RFC 2047 §8: one word', '(=?ISO-8859-1?Q?a?=)', '(a)'],
    ['RFC 2047 §8: a word and plain text', '(=?ISO-8859-1?Q?a?= b)', '(a b)'],
    ['RFC 2047 §8: blanks between words go', '(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)', '(ab)'],
    ['RFC 2047 §8: two blanks between words go', '(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)', '(ab)'],
    ['RFC 2047 §8: a folded line between words goes', '(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)', '(ab)'],
    ['RFC 2047 §8: an encoded space', '(=?ISO-8859-1?Q?a_b?=)', '(a b)'],
    ['RFC 2047 §8: a space at the end of a word', '(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)', '(a b)'],
    ['RFC 2047 §4.1: base64', '=?iso-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=', 'If you can read this yo'],
    ['RFC 2231 §5: a language', '=?US-ASCII*EN?Q?Keith_Moore?= <k@x>', 'Keith Moore <k@x>'],
    ['a character split over words', '=?utf-8?q?=C3?= =?utf-8?Q?=A9?=', 'é'],
    ['a character split over words, base64', '=?utf-8?B?5pel5pys6A==?= =?utf-8?B?qp4=?=', '日本語'],
    ['unencoded blanks', '=?utf-8?Q?a b c?= d', 'a b c d'],
    ['unencoded question marks', '=?utf-8?Q?what??= yes', 'what? yes'],
    ['an escape at the end', '=?utf-8?Q?a=3D?=', 'a='],
    ['an escape right at the start', '=?utf-8?Q?=41?=', 'A'],
    ['no blank around', 'x=?utf-8?Q?a?=y', 'xay'],
    ['a malformed escape', '=?utf-8?Q?a=zz=4?=', 'a=zz=4'],
    ['an unknown charset', '=?x-none?Q?=C3=A9?=', 'é'],
    ['a wrong charset', '=?us-ascii?Q?=C3=A9?=', 'é'],
    ['raw characters in a word', '=?utf-8?Q?é=C3=A9?=', 'éé'],
    ['raw characters beyond Latin-1', '=?utf-8?Q?日=C3=A9?=', '日é'],
    ['a charset in quotes, or with blanks', '=?"utf-8"?q?a?= =? utf-8 ?q?b?= =?"utf-8*en"?q?c?=', 'abc'],
    ['an empty word', 'a =?utf-8?Q??= b', 'a  b'],
    ['an unknown encoding', '=?utf-8?x?abc?=', '=?utf-8?x?abc?='],
    ['no end', '=?utf-8?Q?abc', '=?utf-8?Q?abc'],
    ['a word in a word', '=?utf-8?Q?a=?utf-8?Q?b?=', '=?utf-8?Q?ab'],
    ['words of two charsets side by side', '=?utf-8?Q?=C3=A9?= =?iso-8859-1?Q?=E9?=', 'éé'],
    ['stateful charsets are not mixed up', '=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= =?iso-2022-jp?B?GyRCOGwbKEI=?=', '日本語'],
    ['RFC 1468: an escape sequence split over words', '=?iso-2022-jp?Q?=1B?= =?iso-2022-jp?Q?=24BF=7CK=5C=1B=28B?=', '日本'],
    ['RFC 1468: a shifted run split over words', '=?iso-2022-jp?B?GyRCRnw=?= =?ISO-2022-JP?B?S1wbKEI=?= ok', '日本 ok'],
    ['RFC 1468: a word that does not go back to ASCII', '=?iso-2022-jp?B?GyRCRnw=?= =?iso-2022-jp?B?GyRCS1wbKEI=?=', '日本'],
    ['RFC 2152: a run of UTF-7 ends with its word', '=?utf-7?Q?+AOk?= =?utf-7?Q?b?=', 'éb'],
    ['plain text', 'no words = ? here', 'no words = ? here'],
    ['nothing', '', ''],
  ];
  for (const [title, input, output] of cases) it(title, () => expect(decodeEncodedWords(input)).toBe(output));

  it('takes mutants', () => {
    const seeds = cases.map(([, input]) => input);
    const decoder = new TextDecoder();
    for (const mutant of mutants(seeds, { count: 4000, tokens: ['=?', '?=', '=?utf-8?q?', '?', '=', '_', '\r\n '] })) {
      expect(decodeEncodedWords(decoder.decode(mutant))).toBeTypeOf('string');
    }
  });

  it('takes time linear in the text', () => {
    for (const unit of ['=?a?q?', '=?', '=?a?q?x', '=?utf-8?q?=C3?= ', '?=', '=?a?q?=?= ']) {
      const started = performance.now();
      decodeEncodedWords(unit.repeat(Math.ceil(500_000 / unit.length)));
      // Quadratic time would be minutes.
      expect(performance.now() - started, unit).toBeLessThan(5000);
    }
  });
});

describe('encodeWords', () => {
  it('leaves what needs no encoding', () => {
    expect(encodeWords('Plain text, quite usual.')).toBe('Plain text, quite usual.');
    expect(encodeWords('John Q Public', { phrase: true })).toBe('John Q Public');
    expect(encodeWords('')).toBe('');
  });
  it('RFC 2047 §5: in a phrase all but atoms is encoded', () => {
    expect(encodeWords('John Q. Public', { phrase: true })).toBe('John =?utf-8?q?Q=2E?= Public');
  });
  it('RFC 2047 §2: encodes words that need it, each within the limit', () => {
    const text = `${'Übergrößenträger '.repeat(20)}end`;
    const words = encodeWords(text).split(' ');
    expect(words.filter((word) => word.startsWith('=?')).every((word) => word.length <= 75)).toBe(true);
    expect(words.at(-1)).toBe('end');
  });

  const anyText = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'aü日😀 \t=?_."(),:;<>@'), maxLength: 80 }),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
  );
  it('RFC 2047 §5: what is encoded decodes to the same text, whole and folded', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, phrase) => {
        const encoded = encodeWords(text, { phrase });
        expect(encoded).toMatch(/^[ -~]*$/);
        for (const word of encoded.split(' ')) if (word.startsWith('=?utf-8?')) expect(word.length).toBeLessThanOrEqual(75);
        expect(decodeEncodedWords(encoded)).toBe(text);
        expect(decodeEncodedWords(encoded.replace(/(=\?utf-8\?[bq]\?[^?]*\?=) (?==\?)/g, '$1\r\n '))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
  it('RFC 2047 §4.1: of adjacent words in base64 only the last has padding', () => {
    for (const text of [
      'é 日本語の長い文章'.repeat(8),
      'ж'.repeat(100),
      `x${'😀'.repeat(50)}`,
      `é 😀 ${'日本'.repeat(30)}`,
      'äöü'.repeat(40),
      '日'.repeat(100),
    ]) {
      const words = encodeWords(text).split(' ');
      expect(words.length).toBeGreaterThan(1);
      expect(words.slice(0, -1).filter((word) => word.endsWith('=?='))).toEqual([]);
    }
  });
  it('RFC 2047 §5: no word holds a part of a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('ü', '日', '😀'), minLength: 30, maxLength: 120 }), (text) => {
        const words = encodeWords(text).split(' ');
        expect(words.map((word) => decodeEncodedWords(word)).join('')).toBe(text);
      }),
    );
  });
});
