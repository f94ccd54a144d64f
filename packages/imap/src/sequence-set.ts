/** Stands for `*`, the largest number in use, in a range (RFC 9051 §9, seq-number). */
export const largest = 0;

/** Two numbers and all between them, in either order; `largest` stands for `*`. */
export type SequenceRange = readonly [from: number, to: number];

/** A sequence-set (RFC 9051 §9): message sequence numbers or uids, or the saved result `$` (RFC 5182 §2.1). Plain data. */
export type SequenceSet = { readonly type: 'ranges'; readonly ranges: readonly SequenceRange[] } | { readonly type: 'saved' };

/** The shortest text for ascending numbers: runs become ranges. The empty text for none, which no command accepts. */
export function formatSequenceSet(numbers: ArrayLike<number>): string {
  let text = '';
  for (let i = 0; i < numbers.length; ) {
    const from = numbers[i] ?? 0;
    let to = from;
    for (i++; i < numbers.length && numbers[i] === to + 1; i++) to++;
    if (text !== '') text += ',';
    text += to === from ? `${from}` : `${from}:${to}`;
  }
  return text;
}

/** The text of ranges as they stand. */
export function formatSequenceRanges(ranges: readonly SequenceRange[]): string {
  const number = (n: number): string => (n === largest ? '*' : String(n));
  return ranges.map(([from, to]) => (from === to ? number(from) : `${number(from)}:${number(to)}`)).join(',');
}

/**
 * Ranges ascending, without overlap, `*` put in: what a set means where `last` is the largest number in use.
 * Costs n log n in the number of ranges, never the size of a range.
 */
export function resolveRanges(ranges: readonly SequenceRange[], last: number): readonly SequenceRange[] {
  const sorted = ranges
    .map(([from, to]): [number, number] => {
      const a = from === largest ? last : from;
      const b = to === largest ? last : to;
      return a <= b ? [a, b] : [b, a];
    })
    .sort((x, y) => x[0] - y[0]);
  const merged: [number, number][] = [];
  for (const range of sorted) {
    const previous = merged.at(-1);
    if (previous && range[0] <= previous[1] + 1) previous[1] = Math.max(previous[1], range[1]);
    else merged.push(range);
  }
  return merged;
}
