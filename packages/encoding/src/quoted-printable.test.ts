import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { decodeQuotedPrintable, QuotedPrintableDecoder } from './quoted-printable.ts';
import { encodeQuotedPrintable, QuotedPrintableEncoder } from './quoted-printable-encoder.ts';

const fromLatin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const toLatin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
const decode = (text: string): string => toLatin1(decodeQuotedPrintable(fromLatin1(text)));
const encode = (text: string, asText = true): string => toLatin1(encodeQuotedPrintable(fromLatin1(text), { text: asText }));

/** Decodes in pieces cut at the given places. */
function decodeInPieces(bytes: Uint8Array, cuts: readonly number[]): string {
  const decoder = new QuotedPrintableDecoder();
  let text = '';
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    text += toLatin1(decoder.push(bytes.subarray(from, cut)));
    from = cut;
  }
  return text + toLatin1(decoder.end());
}

describe('decodeQuotedPrintable', () => {
  const cases: readonly (readonly [title: string, input: string, output: string])[] = [
    ['RFC 2045 §6.7: octets in hexadecimal', 'a=3D=C3=A9', 'a=\u00c3\u00a9'],
    ['RFC 2045 §6.7: a soft line break', 'one=\r\ntwo', 'onetwo'],
    ['RFC 2045 §6.7: a soft line break with blanks behind', 'one= \t\r\ntwo', 'onetwo'],
    ['RFC 2045 §6.7: blanks at the end of a line', 'one \t\r\ntwo  \nend  ', 'one\r\ntwo\nend'],
    ['RFC 2045 §6.7: an escaped blank at the end of a line stays', 'one=20\r\ntwo=09 \r\n', 'one \r\ntwo\t\r\n'],
    ['lower-case digits', '=c3=a9', '\u00c3\u00a9'],
    ['bare line feeds', 'one=\ntwo\nthree', 'onetwo\nthree'],
    ['a blank line of blanks', '  \r\n\t\r\nx', '\r\n\r\nx'],
    ['= before what is no escape', 'a=b=zz=4 =', 'a=b=zz=4 '],
    ['= at the end', 'end=', 'end'],
    ['= and a digit at the end', 'end=4', 'end=4'],
    ['= and CR at the end', 'end=\r', 'end'],
    ['== and ===3D', '== ===3D=', '== ==='],
    ['a bare CR', 'a \rb', 'a \rb'],
    ['nothing', '', ''],
    ['characters beyond ASCII', '\u00e9=\r\n\u00ff', '\u00e9\u00ff'],
    ['blanks up to the limit', `a${' '.repeat(1000)}\r\nb`, 'a\r\nb'],
    ['blanks beyond the limit are text', `a${' '.repeat(1001)}\r\nb`, `a${' '.repeat(1001)}\r\nb`],
  ];
  for (const [title, input, output] of cases) {
    it(title, () => {
      expect(decode(input)).toBe(output);
      for (let cut = 0; cut <= input.length && input.length < 200; cut++) {
        expect(decodeInPieces(fromLatin1(input), [cut]), `cut at ${cut}`).toBe(output);
      }
      expect(
        decodeInPieces(
          fromLatin1(input),
          Array.from({ length: input.length }, (_, i) => i),
        ),
      ).toBe(output);
    });
  }

  it('decodes the same in whatever pieces', () => {
    const byte = fc.constantFrom(...'=\r\n \tA4d\u00e9');
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), fc.array(fc.nat(60), { maxLength: 5 }), (characters, cuts) => {
        const bytes = fromLatin1(characters.join(''));
        const places = cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b);
        expect(decodeInPieces(bytes, places)).toBe(toLatin1(decodeQuotedPrintable(bytes)));
      }),
      { numRuns: 3000 },
    );
  });

  it('makes line ends LF where that is asked for, in a buffer that is used again', () => {
    const byte = fc.constantFrom(...'=\r\n \tA', '=0D', '=0A', '\r\n', '=\r\n');
    const into = new Uint8Array(300).fill(0xaa);
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (characters) => {
        const bytes = fromLatin1(characters.join(''));
        const decoded = decodeQuotedPrintable(bytes, { into, lineFeeds: true });
        expect(decoded.buffer).toBe(into.buffer);
        // What is left to a reader of text is the same as had nothing been done.
        expect(toLatin1(decoded).replace(/\r\n/g, '\n')).toBe(toLatin1(decodeQuotedPrintable(bytes)).replace(/\r\n/g, '\n'));
        expect(toLatin1(decodeQuotedPrintable(bytes, { into }))).toBe(toLatin1(decodeQuotedPrintable(bytes)));
      }),
      { numRuns: 3000 },
    );
    expect(toLatin1(decodeQuotedPrintable(fromLatin1('a \r\nb=\r\nc\r\r\nd\r\n'), { lineFeeds: true }))).toBe('a\nbc\r\r\nd\n');
  });

  it('takes mutants whole and in pieces', () => {
    const seeds = ['one=\r\ntwo =20\r\n\t=C3=A9 \r\n', `a${' '.repeat(990)}\r\nb${'\t'.repeat(1010)}\n`];
    for (const mutant of mutants(seeds, { count: 2000, tokens: ['=', '=\r\n', ' ', '\r', '\n', '=3', '=20', ' '.repeat(500)] })) {
      const third = Math.floor(mutant.length / 3);
      expect(decodeInPieces(mutant, [third, 2 * third])).toBe(toLatin1(decodeQuotedPrintable(mutant)));
    }
  });
});

describe('encodeQuotedPrintable', () => {
  const cases: readonly (readonly [title: string, input: string, output: string])[] = [
    ['RFC 2045 §6.7: = and what is not ASCII', 'a=\u00e9', 'a=3D=E9'],
    ['RFC 2045 §6.7: line ends of text', 'one\r\ntwo\nthree\r\n', 'one\r\ntwo\r\nthree\r\n'],
    ['RFC 2045 §6.7: blanks at line ends', 'one \r\ntwo\t\n end ', 'one=20\r\ntwo=09\r\n end=20'],
    ['a bare CR', 'one\rtwo', 'one=0Dtwo'],
    ['blanks inside', 'a b\tc', 'a b\tc'],
    ['RFC 2045 §6.7: long lines', 'x'.repeat(100), `${'x'.repeat(75)}=\r\n${'x'.repeat(25)}`],
    ['an escape does not cross a line end', `${'x'.repeat(74)}\u00e9`, `${'x'.repeat(74)}=\r\n=E9`],
  ];
  for (const [title, input, output] of cases) it(title, () => expect(encode(input)).toBe(output));

  it('RFC 2045 §6.7: escapes line ends of what is not text', () => expect(encode('a\r\nb\n', false)).toBe('a=0D=0Ab=0A'));

  it('RFC 2045 §6.7: what is encoded decodes to the same bytes, in lines of 76 characters at most, in whatever pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), fc.nat(400), (bytes, text, cut) => {
        const encoded = encodeQuotedPrintable(bytes, { text });
        const lines = toLatin1(encoded).split('\r\n');
        expect(lines.every((line) => line.length <= 76 && !/[ \t]$/.test(line) && /^[\t -~]*$/.test(line))).toBe(true);
        const wanted = text ? toLatin1(bytes).replace(/\r?\n/g, '\r\n') : toLatin1(bytes);
        expect(toLatin1(decodeQuotedPrintable(encoded))).toBe(wanted);
        const encoder = new QuotedPrintableEncoder({ text });
        const pieces = [encoder.push(bytes.subarray(0, cut)), encoder.push(bytes.subarray(cut)), encoder.end()];
        expect(pieces.map(toLatin1).join('')).toBe(toLatin1(encoded));
      }),
    );
  });
});
