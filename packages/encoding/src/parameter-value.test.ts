import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeParameters, encodeParameter, type RawParameter } from './parameter-value.ts';

const decode = (...parameters: RawParameter[]): Record<string, string> => Object.fromEntries(decodeParameters(parameters));

/** Reads what encodeParameter wrote: names and unquoted values. */
function parse(pieces: readonly string[]): RawParameter[] {
  return pieces.map((piece) => {
    const equals = piece.indexOf('=');
    const value = piece.slice(equals + 1);
    return [piece.slice(0, equals), value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value];
  });
}

describe('decodeParameters', () => {
  const cases: readonly (readonly [title: string, parameters: readonly RawParameter[], value: Record<string, string>])[] = [
    ['a plain value', [['Name', 'value']], { name: 'value' }],
    [
      'RFC 2231 §3: sections',
      [
        ['URL*0', 'ftp://'],
        ['URL*1', 'cs.utk.edu/pub'],
      ],
      { url: 'ftp://cs.utk.edu/pub' },
    ],
    [
      'RFC 2231 §3: sections out of order',
      [
        ['a*1', 'two'],
        ['a*0', 'one'],
        ['a*2', 'three'],
      ],
      { a: 'onetwothree' },
    ],
    [
      'RFC 2231 §3: one of the sections is missing',
      [
        ['a*2', '.exe'],
        ['a*0', 'one'],
      ],
      { a: 'one.exe' },
    ],
    ['RFC 2231 §4: charset and language', [['title*', "us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A"]], { title: 'This is ***fun***' }],
    [
      'RFC 2231 §4.1: sections with and without encoding',
      [
        ['title*0*', "us-ascii'en'This%20is%20even%20more%20"],
        ['title*1*', '%2A%2A%2Afun%2A%2A%2A%20'],
        ['title*2', "isn't it!"],
      ],
      { title: "This is even more ***fun*** isn't it!" },
    ],
    [
      'a character split over sections',
      [
        ['a*0*', "utf-8''%C3"],
        ['a*1*', '%A9'],
      ],
      { a: 'é' },
    ],
    ['no charset', [['a*', "''%C3%A9"]], { a: 'é' }],
    ['no marks', [['a*', '%C3%A9']], { a: 'é' }],
    ['another charset', [['a*', "iso-8859-1''%E9"]], { a: 'é' }],
    ['a percent sign that starts nothing', [['a*', "utf-8''100%25 50%"]], { a: '100% 50%' }],
    ['an encoded word, quoted', [['filename', '=?utf-8?B?w6kudHh0?=']], { filename: 'é.txt' }],
    [
      'both forms: the extended one',
      [
        ['a', 'e'],
        ['a*', "utf-8''%C3%A9"],
      ],
      { a: 'é' },
    ],
    [
      'given twice: the first',
      [
        ['a', 'one'],
        ['A', 'two'],
      ],
      { a: 'one' },
    ],
    [
      'RFC 2231 §4: an octet split over sections',
      [
        ['a*0*', "utf-8''b%C3%"],
        ['a*1*', 'A9%2'],
        ['a*2*', '0c'],
        ['a*3', '%41'],
      ],
      { a: 'bé c%41' },
    ],
    ['a section without a first', [['a*2', 'x']], {}],
    [
      'RFC 2231 §3: sections that count from 1',
      [
        ['a*1', 'x'],
        ['a*2', 'y'],
      ],
      { a: 'xy' },
    ],
    [
      'an encoded word cut in sections',
      [
        ['a*0', '=?utf-8?B?w6k='],
        ['a*1', '?=.txt'],
      ],
      { a: 'é.txt' },
    ],
    [
      'a section without a first, and a plain value',
      [
        ['a*1', 'x'],
        ['a', 'y'],
      ],
      { a: 'y' },
    ],
    [
      'raw characters',
      [
        ['a*0', 'é'],
        ['a*1*', '%C3%A9'],
      ],
      { a: 'éé' },
    ],
    [
      'odd names',
      [
        ['*', 'x'],
        ['a**', 'y'],
        ['a*b', 'z'],
      ],
      { '*': 'x', 'a**': 'y', 'a*b': 'z' },
    ],
    [
      'names of objects',
      [
        ['__proto__', 'x'],
        ['constructor*', "''y"],
      ],
      Object.fromEntries([
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ]),
    ],
  ];
  for (const [title, parameters, value] of cases) it(title, () => expect(decode(...parameters)).toEqual(value));

  it('takes a great many sections', () => {
    const parameters = Array.from({ length: 50_000 }, (_, i) => [`a*${i % 10_000}`, 'x'] as const);
    expect(decodeParameters(parameters).get('a')).toBe('x'.repeat(1000));
  });
});

describe('encodeParameter', () => {
  it('writes tokens and quoted strings', () => {
    expect(encodeParameter('charset', 'utf-8')).toEqual(['charset=utf-8']);
    expect(encodeParameter('filename', 'a "b" \\.txt')).toEqual(['filename="a \\"b\\" \\\\.txt"']);
    expect(encodeParameter('name', '')).toEqual(['name=""']);
  });
  it('RFC 2231 §4: what is not ASCII', () => {
    // An encoded word would be decoded, though it has no place in a quoted string.
    expect(encodeParameter('filename', '=?utf-8?q?x?=')).toEqual(["filename*=utf-8''%3D%3Futf-8%3Fq%3Fx%3F%3D"]);
    expect(encodeParameter('filename', 'é.txt')).toEqual(["filename*=utf-8''%C3%A9.txt"]);
  });
  it('RFC 2231 §3, §4: reads the same, in pieces within the limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aé日😀 "\\%\'*;=\r\n'), maxLength: 300 }), (value) => {
        const pieces = encodeParameter('filename', value);
        expect(pieces.every((piece) => piece.length <= 75 && /^[ -~]*$/.test(piece))).toBe(true);
        expect(decodeParameters(parse(pieces)).get('filename')).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });
});
