import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatDateText,
  formatDateTime,
  formatSequenceSet,
  largest,
  parseCommand,
  parseDateText,
  parseDateTime,
  resolveRanges,
  type SequenceRange,
} from './index.ts';

describe('sequence sets', () => {
  it.each<[readonly SequenceRange[], number, readonly SequenceRange[]]>([
    [
      [
        [2, 2],
        [4, 7],
        [9, 9],
        [12, largest],
      ],
      15,
      [
        [2, 2],
        [4, 7],
        [9, 9],
        [12, 15],
      ],
    ],
    [
      [
        [largest, 4],
        [5, 7],
      ],
      10,
      [[4, 10]],
    ],
    [[[3291, largest]], 100, [[100, 3291]]],
    [
      [
        [1, 3],
        [2, 5],
        [6, 6],
      ],
      9,
      [[1, 6]],
    ],
    [[], 9, []],
  ])('RFC 9051 §9: %j of %i', (ranges, last, expected) => {
    expect(resolveRanges(ranges, last)).toEqual(expected);
  });

  it('what is formatted is parsed again', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 0xffff_ffff }), { minLength: 1 }), (numbers) => {
        numbers.sort((a, b) => a - b);
        const parsed = parseCommand(`a UID EXPUNGE ${formatSequenceSet(numbers)}`);
        if (!parsed.ok) throw new Error(parsed.text);
        const { set } = parsed.command as unknown as { set: { ranges: readonly SequenceRange[] } };
        const again = set.ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
        expect(again).toEqual(numbers);
      }),
    );
  });
});

describe('dates', () => {
  it('what is formatted is parsed again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        expect(parseDateTime(formatDateTime(seconds * 1000).slice(1, -1))).toBe(seconds * 1000);
        const day = Math.floor(seconds / 86_400) * 86_400_000;
        expect(parseDateText(formatDateText(day))).toBe(day);
      }),
    );
  });

  it.each(['17-Jul-1996 02:44:25', '31-Feb-1996 02:44:25 +0000', '17-Jul-1996 24:44:25 +0000', '7-Jul-1996 02:44:25 +0000', 'x'])(
    'RFC 9051 §9: %j is no date-time',
    (text) => {
      expect(parseDateTime(text)).toBeUndefined();
    },
  );
});
