import { describe, expect, it } from 'vitest';
import { charClass, hexValue, isAlpha, isControl, isDigit, isHexDigit, isVisible, isWhitespace } from './char-class.ts';

/** Every character of a class below U+0180, as text. */
function members(isMember: (code: number) => boolean): string {
  return Array.from({ length: 0x180 }, (_, code) => code)
    .filter(isMember)
    .map((code) => String.fromCharCode(code))
    .join('');
}

describe('RFC 5234 appendix B.1: the core rules', () => {
  it.each([
    ['ALPHA', isAlpha, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'],
    ['DIGIT', isDigit, '0123456789'],
    ['HEXDIG', isHexDigit, '0123456789ABCDEFabcdef'],
    ['WSP', isWhitespace, '\t '],
    ['VCHAR', isVisible, Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)).join('')],
    ['CTL', isControl, `${Array.from({ length: 32 }, (_, i) => String.fromCharCode(i)).join('')}\x7f`],
  ])('%s', (_, isMember, text) => {
    expect(members(isMember)).toBe(text);
  });
});

describe('charClass', () => {
  it('joins characters, ranges and classes', () => {
    expect(members(charClass('-_', ['a', 'c'], isDigit))).toBe('-0123456789_abc');
    expect(members(charClass())).toBe('');
  });

  it('is false for what is no character below U+0100', () => {
    const all = charClass(['\0', '\xff']);
    expect([all(255), all(256), all(-1), all(Number.NaN)]).toEqual([true, false, false, false]);
  });
});

it('hexValue is the inverse of printing a digit, and -1 for all else', () => {
  for (let code = 0; code < 300; code++) {
    const value = hexValue(code);
    if (isHexDigit(code)) expect(value.toString(16)).toBe(String.fromCharCode(code).toLowerCase());
    else expect(value).toBe(-1);
  }
});
