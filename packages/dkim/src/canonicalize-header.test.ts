import { fromLatin1, toLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Canonicalization, canonicalizeField, SignedHeader } from './canonicalize-header.ts';
import { type RawField, readRawField, readRawFields } from './header-fields.ts';

const fields = readRawFields('A: X\r\nB : Y\t\r\n\tZ  \r\nFrom: 1\r\nfrom: 2\r\nFROM: 3\r\nno field\r\n\r\n');

function canonical(field: RawField | undefined, canonicalization: Canonicalization): string | undefined {
  return field && toLatin1(canonicalizeField(field, canonicalization));
}

describe('canonicalizeField', () => {
  it('RFC 6376 §3.4.5: the examples', () => {
    expect(fields.fields.slice(0, 2).map((field) => canonical(field, 'relaxed'))).toEqual(['a:X', 'b:Y Z']);
    expect(fields.fields.slice(0, 2).map((field) => canonical(field, 'simple'))).toEqual(['A: X', 'B : Y\t\r\n\tZ  ']);
  });

  it.each([
    ['Subject :\r\n  x\r\n', 'subject:x'],
    ['Subject:\r\n', 'subject:'],
    ['Subject: \t \r\n \r\n', 'subject:'],
    ['Subject:\r\n\ta \r\n\t b\t\r\n', 'subject:a b'],
    ['Subject: a\rb\n', 'subject:a\rb\n'],
    ['Subject: gr\xc3\xbc\xdfe\0\r\n', 'subject:gr\xc3\xbc\xdfe\0'],
    ['Subject: no line end ', 'subject:no line end'],
  ])('RFC 6376 §3.4.2: %j -> %j', (text, expected) => {
    expect(canonical(readRawField({ text }), 'relaxed')).toBe(expected);
  });

  it('RFC 6376 §3.4.2: what regular expressions say', () => {
    const value = fc
      .array(fc.constantFrom('\r\n ', '\r\n\t', ' ', '\t', 'a', 'word', '\r', '\n', '\xff'), { maxLength: 20 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(value, (text) => {
        const expected = text
          .replaceAll('\r\n', '')
          .replace(/[ \t]+/g, ' ')
          .replace(/^ | $/g, '');
        expect(canonical(readRawField({ text: `X:${text}\r\n` }), 'relaxed')).toBe(`x:${expected}`);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('select', () => {
  const names = (...wanted: string[]): string[] => fields.select(wanted).map((field) => canonical(field, 'relaxed') ?? '');

  it('RFC 6376 §5.4.2: fields of one name are taken from the bottom up, names without a field are nothing', () => {
    expect(names('from', 'From', 'Subject', 'A', 'FROM', 'from')).toEqual(['from:3', 'from:2', 'a:X', 'from:1']);
  });

  it('RFC 6376 §3.5: the field of the signature itself is never among them', () => {
    const two = readRawFields('S: 1\r\nS: 2\r\n');
    const [first, second] = two.fields;
    expect(two.select(['s', 's'], first)).toEqual([second]);
    expect(two.select(['s', 's'], second)).toEqual([first]);
  });
});

describe('SignedHeader', () => {
  it('RFC 6376 §3.7: fields end in CRLF, that of the signature itself does not; the same however often it is asked', () => {
    const own = readRawField({ text: 'Sig: b = x ;  c\r\n' });
    if (!own) throw new Error('no field');
    const header = new SignedHeader(3);
    for (let i = 0; i < 3; i++) {
      expect(toLatin1(header.write(fields.fields.slice(0, 3), own, 'relaxed'))).toBe('a:X\r\nb:Y Z\r\nfrom:1\r\nsig:b =; c');
      expect(toLatin1(header.write(fields.fields.slice(1, 2), own, 'simple'))).toBe('B : Y\t\r\n\tZ  \r\nSig: b =;  c');
    }
    const long = readRawFields(`Long: ${'x '.repeat(400)}\r\n`);
    for (let i = 0; i < 2; i++)
      expect(header.write(long.fields, own, 'relaxed')).toEqual(fromLatin1(`long:${'x '.repeat(399)}x\r\nsig:b =; c`));
  });
});

describe('the tag b', () => {
  it.each([
    ['v=1; b=abc; bh=def', 'v=1; b=; bh=def'],
    ['bh=def; b = a\r\n b c ', 'bh=def; b ='],
    ['b=x', 'b='],
    ['xb=1; b=2; z=b=3', 'xb=1; b=; z=b=3'],
    ['v=1;\r\n\tb\r\n\t=\r\n\tx;', 'v=1;\r\n\tb\r\n\t=;'],
    ['v=1', 'v=1'],
    ['', ''],
  ])('RFC 6376 §3.7: %j -> %j', (value, expected) => {
    // Another field behind it: what is looked for is not found there.
    const text = `Sig:${value}\r\nB: b=x;\r\n`;
    const field = readRawFields(text).fields[0];
    if (!field) throw new Error('no field');
    expect(toLatin1(new SignedHeader(1).write([], field, 'simple'))).toBe(`Sig:${expected}`);
    expect(toLatin1(new SignedHeader(1).write([], field, 'relaxed'))).toBe(`sig:${expected.replace(/[\r\n\t ]+/g, ' ').trim()}`);
  });
});
