import { fromLatin1 } from '@mox/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findReducible } from './find-reducible.ts';

function find(text: string, start: number = 0, end: number = text.length): number {
  const bytes = new Uint8Array((text.length + 4) & ~3);
  bytes.set(fromLatin1(text));
  return findReducible(bytes, new Int32Array(bytes.buffer), start, end);
}

describe('findReducible', () => {
  it.each([
    ['no white space', 'abcdefghijklmnopqrstuvwxyz', 26],
    ['spaces alone', 'a b c d e f g h i j k l m n', 27],
    ['line ends', 'abcd\r\nefgh\r\n\r\nijkl\r\nmnop', 24],
    ['two spaces', 'a word and then  two', 15],
    ['a tab', 'a word and then\ttwo', 15],
    ['a space before a line end', 'a word and then \r\ntwo', 15],
    ['a space before a tab', 'a word and then \ttwo', 15],
    ['bytes that differ from white space in one bit', 'abcdefgh !`\xa0\x89 !\x0b\x08', 17],
  ])('RFC 6376 §3.4.4: %s', (_what, text, expected) => {
    expect(find(text)).toBe(expected);
  });

  it('looks between its bounds only', () => {
    expect(find('  abcdefghijkl  mnop', 1)).toBe(14);
    expect(find('  abcdefghijkl  mnop', 2, 14)).toBe(14);
    expect(find('abcdefghijklmn\t', 0, 14)).toBe(14);
  });

  it('finds what looking at every byte finds', () => {
    const text = fc.array(fc.constantFrom(' ', '\t', '\r', '\n', '!', '\0', '\x80', '\xa0', 'words of text', 'abc'), { maxLength: 40 });
    fc.assert(
      fc.property(text, fc.nat(20), (parts, start) => {
        const all = parts.join('');
        const from = Math.min(start, all.length);
        const plain = all.slice(from).search(/\t| [ \t\r]/);
        expect(find(all, from)).toBe(plain < 0 ? all.length : from + plain);
      }),
      { numRuns: 2000 },
    );
  });
});
