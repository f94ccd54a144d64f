import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeParameters, encodeParameter, joinParameterSections, type RawParameter } from './parameter-value.ts';

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
    ['RFC 2047 §5: an encoded word where the extended form should be', [['a*', '=?utf-8?q?=C3=A9?=.txt']], { a: 'é.txt' }],
    ['RFC 2231 §4: what looks like an encoded word', [['a*', "utf-8''=?utf-8?q?x?="]], { a: '=?utf-8?q?x?=' }],
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

describe('joinParameterSections', () => {
  const cases: readonly (readonly [title: string, parameters: readonly string[], wanted: readonly string[]])[] = [
    ['nothing to join', ['charset=utf-8', "name*=utf-8''%C3%A9"], ['charset=utf-8', "name*=utf-8''%C3%A9"]],
    ['plain sections', ['x=1', 'URL*0=ftp://', 'y=2', 'url*1=cs.utk.edu'], ['x=1', 'url=ftp://cs.utk.edu', 'y=2']],
    ['sections out of order', ['a*1=two', 'a*0=one'], ['a=onetwo']],
    ['extended sections', ["a*0*=utf-8''%C3", 'a*1*=%A9'], ["a*=utf-8''%C3%A9"]],
    ['RFC 2231 §4.1: both', ["a*0*=us-ascii'en'a%20", "a*1=isn't 50%20"], ["a*=us-ascii'en'a%20isn't 50%2520"]],
    ['the first is not extended', ['a*0=50% ', 'a*1*=%41'], ['a*=50%25 %41']],
    ['no charset, and quotes like its marks', ["a*0='x' ", 'a*1*=%41'], ["a*0='x' ", 'a*1*=%41']],
    ['beside a plain one of another form', ['a=e', "a*0*=utf-8''%C3", 'a*1*=%A9'], ['a=e', "a*=utf-8''%C3%A9"]],
    ['beside one of the same name', ['a=e', 'a*0=x', 'a*1=y'], ['a=e', 'a*0=x', 'a*1=y']],
    ['one is missing', ['a*0=x', 'a*2=y'], ['a*0=x', 'a*2=y']],
    ['one is there twice', ['a*0=x', 'a*0=y'], ['a*0=x', 'a*0=y']],
    ['they count from 1', ['a*1=x', 'a*2=y'], ['a*1=x', 'a*2=y']],
    ['an octet is cut', ["a*0*=''%4", 'a*1=1'], ["a*0*=''%4", 'a*1=1']],
  ];
  const read = (text: string): RawParameter => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)];
  it.each(cases)('RFC 2231 §6: %s', (_, parameters, wanted) => {
    expect(joinParameterSections(parameters.map(read)).map((parameter) => parameter.join('='))).toEqual(wanted);
  });

  it('RFC 2231 §6: nothing that is said changes by it', () => {
    const name = fc.constantFrom('a', 'a*', 'a*0', 'a*1', 'a*2', 'A*0*', 'a*1*', 'a*2*', 'a*00', 'b', 'b*0', 'b*1*', '*0', 'a**');
    const value = fc.string({ unit: fc.constantFrom(..."x%4aé'", '=?utf-8?q?=C3', '?=', "utf-8''", "iso-8859-1''"), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (parameters) => {
        expect(decode(...joinParameterSections(parameters))).toEqual(decode(...parameters));
      }),
      { numRuns: 5000 },
    );
  });

  it('joins a great many sections', () => {
    const parameters = Array.from({ length: 20_000 }, (_, i) => [`a${i % 20}*${Math.floor(i / 20)}`, 'x'] as const);
    expect(joinParameterSections(parameters)).toHaveLength(20);
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
