import { toLatin1 } from '@mox/runtime';

const zero = 48;
const longest = 10;

function digitsOf(number: number): number {
  let digits = 1;
  for (let limit = 10; number >= limit && digits < longest; limit *= 10) digits++;
  return digits;
}

/** Numbers with a space before each: the many of a SEARCH response (RFC 3501 §7.2.5). Made as bytes, faster than as text. */
export function formatSpacedNumbers(numbers: Uint32Array): string {
  const bytes = new Uint8Array(numbers.length * (longest + 1));
  let end = 0;
  for (let i = 0; i < numbers.length; i++) {
    let rest = numbers[i] ?? 0;
    bytes[end++] = 32;
    const start = end;
    end += digitsOf(rest);
    for (let at = end - 1; at >= start; at--) {
      const tenth = (rest / 10) >>> 0;
      bytes[at] = zero + rest - tenth * 10;
      rest = tenth;
    }
  }
  return toLatin1(bytes, 0, end);
}
