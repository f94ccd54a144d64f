import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSpacedNumbers } from './format-numbers.ts';
import { parseFramedResponse } from './parse-response.ts';

describe('the numbers of SEARCH', () => {
  it('RFC 3501 §7.2.5: are decimal, a space before each', () => {
    expect(formatSpacedNumbers(new Uint32Array())).toBe('');
    expect(formatSpacedNumbers(Uint32Array.of(0, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 4_294_967_295))).toBe(
      ' 0 9 10 99 100 999999999 1000000000 4294967295',
    );
  });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.uint32Array(), (numbers) => {
        const text = formatSpacedNumbers(numbers);
        expect(text).toBe([...numbers].map((number) => ` ${number}`).join(''));
        expect(parseFramedResponse(`* SEARCH${text}`, [])).toEqual({ type: 'search', numbers: [...numbers] });
      }),
    );
    expect(parseFramedResponse('* SEARCH 9007199254740991 1 ', [])).toEqual({ type: 'search', numbers: [9_007_199_254_740_991, 1] });
  });
});
