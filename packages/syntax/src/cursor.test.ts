import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteCursor } from './byte-cursor.ts';
import { charClass, isAlpha, isDigit } from './char-class.ts';
import { TextCursor } from './text-cursor.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('TextCursor', () => {
  it('goes forward over what it takes and stays where it does not', () => {
    const cursor = new TextCursor('ab12 rest');
    expect(cursor.take('b')).toBe(false);
    expect(cursor.take('ab')).toBe(true);
    expect(cursor.takeWhile(isAlpha)).toBe('');
    expect(cursor.takeWhile(isDigit)).toBe('12');
    expect(cursor.peek()).toBe(0x20);
    expect(cursor.skipWhile(charClass(' '))).toBe(1);
    expect([cursor.done, cursor.takeRest(), cursor.done, cursor.peek()]).toEqual([false, 'rest', true, -1]);
    expect([cursor.takeRest(), cursor.take(''), cursor.take('x')]).toEqual(['', true, false]);
  });

  it('ends where it was told, not where the text does', () => {
    const cursor = new TextCursor('0123456', 2, 4);
    expect(cursor.take('234')).toBe(false);
    expect(cursor.takeIgnoringCase('234')).toBe(false);
    expect(cursor.takeWhile(isDigit)).toBe('23');
    expect([cursor.peek(), cursor.done, cursor.takeRest()]).toEqual([-1, true, '']);
  });

  it('can be put back', () => {
    const cursor = new TextCursor('abc');
    const start = cursor.at;
    cursor.take('ab');
    cursor.at = start;
    expect(cursor.takeRest()).toBe('abc');
  });
});

describe('ByteCursor', () => {
  it('goes forward over what it takes and stays where it does not', () => {
    const cursor = new ByteCursor(bytes('ab12 rest'));
    expect([cursor.take(0x62), cursor.take(0x61), cursor.at]).toEqual([false, true, 1]);
    expect(cursor.takeWhile(isAlpha)).toEqual(bytes('b'));
    expect(cursor.skipWhile(isDigit)).toBe(2);
    expect([cursor.peek(), cursor.done]).toEqual([0x20, false]);
  });

  it('gives views, not copies', () => {
    const input = bytes('abc');
    expect(new ByteCursor(input).takeWhile(isAlpha).buffer).toBe(input.buffer);
  });

  it('ends where it was told, not where the bytes do', () => {
    const cursor = new ByteCursor(bytes('0123456'), 2, 4);
    expect(cursor.takeIgnoringCase('234')).toBe(false);
    expect(cursor.takeWhile(isDigit)).toEqual(bytes('23'));
    expect([cursor.peek(), cursor.done, cursor.take(0x34)]).toEqual([-1, true, false]);
  });
});

describe('takeIgnoringCase', () => {
  const cursors = [
    ['TextCursor', (text: string) => new TextCursor(text)],
    ['ByteCursor', (text: string) => new ByteCursor(bytes(text))],
  ] as const;

  it.each(cursors)('of %s knows the case of ASCII letters and of nothing else', (_, make) => {
    expect(make('eHlO x').takeIgnoringCase('EhLo')).toBe(true);
    expect(make('a-1').takeIgnoringCase('A-1')).toBe(true);
    // pairs that differ in one bit but are no letters, and letters whose lower case is ASCII or is longer
    for (const [have, want] of [
      ['@', '`'],
      ['[', '{'],
      ['\0', ' '],
      ['\u212a', 'k'],
      ['\u0130', 'i'],
      ['é', 'É'],
    ] as const) {
      expect(make(have).takeIgnoringCase(want), `${have} for ${want}`).toBe(false);
    }
    expect(make('ab').takeIgnoringCase('abc')).toBe(false);
    expect(make('').takeIgnoringCase('')).toBe(true);
  });
});

it('the two cursors agree on every ASCII text', () => {
  const ascii = fc.string({ unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)) });
  fc.assert(
    fc.property(ascii, ascii, fc.nat(20), (text, expected, at) => {
      const start = Math.min(at, text.length);
      const [one, other] = [new TextCursor(text, start), new ByteCursor(bytes(text), start)];
      expect(one.takeIgnoringCase(expected)).toBe(other.takeIgnoringCase(expected));
      expect(one.skipWhile(isAlpha)).toBe(other.skipWhile(isAlpha));
      expect([one.at, one.peek(), one.done]).toEqual([other.at, other.peek(), other.done]);
    }),
  );
});
