import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFlowed, encodeFlowed, FlowedDecoder } from './flowed.ts';

describe('decodeFlowed', () => {
  it.each([
    ['a \nb\n', 'a b\n'],
    ['a\nb\n', 'a\nb\n'],
    ['> a \n> b\n', '> a b\n'],
    ['>> a \n> b\n', '>> a \n> b\n'],
    ['> a \nb\n', '> a \nb\n'],
    [' From x\n >not\n', 'From x\n>not\n'],
    ['a \n-- \nme\n', 'a \n-- \nme\n'],
    ['> -- \n> x\n', '> -- \n> x\n'],
    ['>>Exit\n>> Exit\n', '>> Exit\n>> Exit\n'],
    ['a \n', 'a \n'],
    ['a ', 'a '],
    [' \nx\n', '\nx\n'],
    ['  \nx\n', ' x\n'],
    ['', ''],
  ])('RFC 3676 §4.1: reads %j', (text, wanted) => expect(decodeFlowed(text)).toBe(wanted));

  it('RFC 3676 §4.1: takes the space away with DelSp', () => {
    expect(decodeFlowed('一二 \n三\na  \nb\n', { delSp: true })).toBe('一二三\na b\n');
  });

  it('gives the same for every way to cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '>', '\n', '-'), maxLength: 40 }), fc.nat(40), (text, cut) => {
        const decoder = new FlowedDecoder();
        expect(decoder.push(text.slice(0, cut)) + decoder.push(text.slice(cut)) + decoder.end()).toBe(decodeFlowed(text));
      }),
      { numRuns: 500 },
    );
  });
});

describe('encodeFlowed', () => {
  it('RFC 3676 §4.2: keeps lines short and out of a signature line', () => {
    for (const line of encodeFlowed('a '.repeat(200)).split('\n')) expect(line.length).toBeLessThanOrEqual(76);
    expect(encodeFlowed(`-- ${'x'.repeat(80)}`)).not.toContain('-- \n');
  });

  it('RFC 3676 §4.4: reads what it writes', () => {
    const word = fc.constantFrom('a', 'bc', '>', 'From', '-- ', ' ', '  ', 'longer', 'x'.repeat(90), '--', '> ');
    const line = fc.array(word, { maxLength: 40 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        // Quoted lines have one space behind their marks, and no line but a signature ends with spaces: that is what flowed text can say.
        const said = lines.map((text) => {
          const trimmed = /^(?:>+ )?-- $/.test(text) ? text : text.replace(/ +$/, '');
          return trimmed.replace(/^(>+) ?/, '$1 ');
        });
        expect(decodeFlowed(encodeFlowed(said.join('\n')))).toBe(said.join('\n'));
      }),
      { numRuns: 500 },
    );
  });
});
