import { fromUtf8, toUtf8 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { parseContentDisposition, parseContentType, readContentType } from './content-type.ts';

describe('parseContentType', () => {
  it.each<[string, string, readonly (readonly [string, string])[]]>([
    ['text/plain', 'text/plain', []],
    ['Text/HTML; Charset="UTF-8"', 'text/html', [['charset', 'UTF-8']]],
    ['text/plain; charset=us-ascii (Plain text)', 'text/plain', [['charset', 'us-ascii']]],
    ['(a) text (b) / (c) plain (d) ; (e) charset (f) = (g) "x" (h)', 'text/plain', [['charset', 'x']]],
    ['multipart/mixed; boundary="a \\"b\\\\c"', 'multipart/mixed', [['boundary', 'a "b\\c']]],
    [
      'text/plain; charset=utf-8 format=flowed',
      'text/plain',
      [
        ['charset', 'utf-8'],
        ['format', 'flowed'],
      ],
    ],
    ['application/pdf; name=annual report (final).pdf', 'application/pdf', [['name', 'annual report (final).pdf']]],
    ['"text/html"; charset=utf-8', 'text/html', [['charset', 'utf-8']]],
    [
      'multipart/mixed, boundary="b,c", x=y',
      'multipart/mixed',
      [
        ['boundary', 'b,c'],
        ['x', 'y'],
      ],
    ],
    ['application/pdf; name=a.pdf"', 'application/pdf', [['name', 'a.pdf']]],
    ['application/pdf; name="C:\\My Files\\new.pdf"', 'application/pdf', [['name', 'C:\\My Files\\new.pdf']]],
    ['application/pdf; name="C:\\\\My Files\\\\new \\"1\\".pdf"', 'application/pdf', [['name', 'C:\\My Files\\new "1".pdf']]],
    ['application/pdf; name="\\\\server\\new.pdf"', 'application/pdf', [['name', '\\server\\new.pdf']]],
    ['application/pdf; name=a.pdf;', 'application/pdf', [['name', 'a.pdf']]],
    ['application/pdf;; ; name="a;b.pdf"', 'application/pdf', [['name', 'a;b.pdf']]],
    [
      "application/x; title*0*=us-ascii'en'This%20is; title*1=more",
      'application/x',
      [
        ['title*0*', "us-ascii'en'This%20is"],
        ['title*1', 'more'],
      ],
    ],
    ['image/jpeg; name="never ends', 'image/jpeg', [['name', 'never ends']]],
    [
      'application/x-stuff; a=1; junk; b=2',
      'application/x-stuff',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['multipart/mixed (a (b); boundary="c"', 'multipart/mixed', [['boundary', 'c']]],
    [
      'text/plain; a=b (c; d=e (f; g=h',
      'text/plain',
      [
        ['a', 'b (c'],
        ['d', 'e (f'],
        ['g', 'h'],
      ],
    ],
    ['text/plain (a; b="c" (d; e=f', 'text/plain', [['b', 'c']]],
    ['text/plain; name=größe.txt', 'text/plain', [['name', 'größe.txt']]],
    [
      'text/plain; a=; b=x',
      'text/plain',
      [
        ['a', ''],
        ['b', 'x'],
      ],
    ],
  ])('RFC 2045 §5.1: reads %j', (text, type, parameters) => {
    const value = parseContentType(text);
    expect(value && `${value.type}/${value.subtype}`).toBe(type);
    expect(value?.parameters).toEqual(parameters);
  });

  it.each(['', 'text', 'text/', '/plain', '; charset=x', '(text/plain'])('RFC 2045 §5.2: reads no type in %j', (text) => {
    expect(parseContentType(text)).toBeUndefined();
  });

  it('says where something was passed over', () => {
    expect(readContentType('text/plain; junk; a=b', 10).complete).toBe(false);
    expect(readContentType('text/plain; a=b', 10).complete).toBe(true);
    expect(readContentType('text/plain, a=b', 10).complete).toBe(false);
    expect(readContentType('"text/plain"', 10).complete).toBe(false);
    expect(readContentType('text/plain; a=b; c=d', 1)).toMatchObject({ complete: false, value: { parameters: [['a', 'b']] } });
  });

  it('takes mutants and long input', () => {
    const seeds = ['text/plain; charset="utf-8" (c); format=flowed', 'a/b; x*0*=utf-8\'\'%e2; x*1="y\\"z"'];
    for (const mutant of mutants(seeds.map(fromUtf8), { count: 3000, tokens: ['"', '\\', '(', ')', ';', '=', ' ', '*'] }))
      parseContentType(toUtf8(mutant));
    for (const piece of [';', 'a=b;', 'a=(;', '(', '"', '\\', ' ', 'a=b (', '= ', 'a =']) {
      const started = performance.now();
      parseContentType(`a/b;${piece.repeat(200_000)}`);
      expect(performance.now() - started, piece).toBeLessThan(1500);
    }
  });
});

describe('parseContentDisposition', () => {
  it.each([
    ['attachment; filename="a b.txt"', { type: 'attachment', parameters: [['filename', 'a b.txt']] }],
    ['INLINE', { type: 'inline', parameters: [] }],
    ['; filename=x', { type: 'attachment', parameters: [['filename', 'x']] }],
    [
      'filename="a.txt"; size=3',
      {
        type: 'attachment',
        parameters: [
          ['filename', 'a.txt'],
          ['size', '3'],
        ],
      },
    ],
    ['attachment; filename=""a.txt""', { type: 'attachment', parameters: [['filename', 'a.txt']] }],
    [
      'attachment; filename=""; size=3',
      {
        type: 'attachment',
        parameters: [
          ['filename', ''],
          ['size', '3'],
        ],
      },
    ],
    ['attachment: filename="a.txt"', { type: 'attachment', parameters: [['filename', 'a.txt']] }],
    ['attachment, filename=a.txt', { type: 'attachment', parameters: [['filename', 'a.txt']] }],
    ['', undefined],
  ])('RFC 2183 §2: reads %j', (text, wanted) => expect(parseContentDisposition(text)).toEqual(wanted));
});
