import fc from 'fast-check';
import { expect, it } from 'vitest';
import { terminalColumns, wrap, wrapRow } from './wrap.ts';

it.each([
  ['', 10, ['']],
  ['one two three', 7, ['one two', 'three']],
  ['one two three', 6, ['one', 'two', 'three']],
  ['a averyverylongword b', 5, ['a', 'averyverylongword', 'b']],
])('%j in %i columns', (text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines);
});

it('wrapping loses nothing, and only words are wider than they may be', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), fc.integer({ min: 1, max: 40 }), (words, width) => {
      const lines = wrap(words.join(' '), width);
      expect(lines.join(' ')).toBe(words.join(' '));
      for (const line of lines) expect(line.length <= width || !line.includes(' ')).toBe(true);
    }),
  );
});

it('a row stands beside its name, or below one that is too wide', () => {
  expect(wrapRow('  --json', 'print JSON', 12)).toEqual(['  --json    print JSON']);
  expect(wrapRow('  --a-long-name VALUE', 'what', 12)).toEqual(['  --a-long-name VALUE', '            what']);
  for (const line of wrapRow('x', 'word '.repeat(60).trim(), 12)) expect(line.length).toBeLessThanOrEqual(terminalColumns);
});
