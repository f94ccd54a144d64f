import { fromLatin1, fromUtf8, toLatin1 } from '@mox/runtime';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../tools/fuzz.ts';
import { findField, findFields, findHeaderEnd, parseHeaderFields, readHeaderSection, unfold } from './header-field.ts';

const bytes = fromUtf8('Subject: one\r\n two\r\nX-A : b\nTo: ü\r\n\r\nbody: no\r\n');

describe('parseHeaderFields', () => {
  it('RFC 5322 §2.2: gives names, values and places', () => {
    const fields = parseHeaderFields(bytes);
    expect(fields.map(({ name, value }) => [name, value])).toEqual([
      ['Subject', 'one two'],
      ['X-A', 'b'],
      ['To', 'ü'],
    ]);
    expect(fields.map((field) => toLatin1(bytes.subarray(field.start, field.end)))).toEqual([
      'Subject: one\r\n two\r\n',
      'X-A : b\n',
      'To: \xc3\xbc\r\n',
    ]);
    expect(fields.map((field) => bytes[field.valueStart - 1])).toEqual([58, 58, 58]);
  });

  it('RFC 6532 §3.2: reads UTF-8, and windows-1252 where it is none', () => {
    expect(parseHeaderFields(fromLatin1('A: \x93gr\xfc\xdfe\x94\r\nB: \xc3\xbc\r\n')).map((field) => field.value)).toEqual([
      '“grüße”',
      'ü',
    ]);
  });

  it('passes over lines that are no field', () => {
    expect(parseHeaderFields(fromUtf8('From me@x Mon\r\n lost\r\nA: b\r\n: c\r\nno field\r\nD: e')).map((field) => field.name)).toEqual([
      'A',
      'D',
    ]);
  });

  it('RFC 5322 §4.2: keeps a continuation of white space', () => {
    expect(parseHeaderFields(fromUtf8('A: b\r\n \r\n c\r\n\r\n'))[0]?.value).toBe('b  c');
  });

  it('finds fields by their names', () => {
    const fields = parseHeaderFields(fromUtf8('A: 1\r\nb: 2\r\na: 3\r\n'));
    expect(findField(fields, 'a')?.value).toBe('1');
    expect(findFields(fields, 'a').map((field) => field.value)).toEqual(['1', '3']);
    expect(findField(fields, 'c')).toBeUndefined();
  });

  it('stops at a number of fields', () => {
    expect(parseHeaderFields(fromUtf8('A: b\r\n'.repeat(10)), { headerFields: 3 })).toHaveLength(3);
  });

  it('takes mutants: fields are in order and do not overlap', () => {
    for (const mutant of mutants([bytes], { count: 3000 })) {
      const { fields, bodyStart } = readHeaderSection(mutant);
      let at = 0;
      for (const field of fields) {
        expect(field.start).toBeGreaterThanOrEqual(at);
        expect(field.valueStart).toBeGreaterThan(field.start);
        expect(field.end).toBeGreaterThanOrEqual(field.valueStart);
        at = field.end;
      }
      expect(bodyStart).toBeGreaterThanOrEqual(at);
      expect(bodyStart).toBe(findHeaderEnd(mutant));
    }
  });
});

it.each([
  [' a\r\n b ', 'a b'],
  ['a\n\tb', 'a\tb'],
  ['a\r\nb', 'a\r\nb'],
  ['', ''],
  [' \t\r\n ', ''],
])('RFC 5322 §2.2.3: unfolds %j', (text, wanted) => expect(unfold(text)).toBe(wanted));
