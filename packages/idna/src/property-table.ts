/** Asks the class of a code point, a letter's code from `A` on. */
export type PropertyLookup = (codePoint: number) => number;

interface Runs {
  /** First code point of each run, rising. */
  readonly starts: Uint32Array;
  readonly classes: Uint8Array;
}

/** Reads run lengths: digits in base 36, none for one, then the letter of the class. */
function readRuns(text: string): Runs {
  const starts: number[] = [];
  const classes: number[] = [];
  let start = 0;
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x41 && code <= 0x5a) {
      starts.push(start);
      classes.push(code);
      start += length === 0 ? 1 : length;
      length = 0;
    } else length = length * 36 + (code < 0x3a ? code - 0x30 : code - 0x57);
  }
  return { starts: Uint32Array.from(starts), classes: Uint8Array.from(classes) };
}

/** A property of code points out of run lengths, which are read at the first question. */
export function propertyTable(text: string): PropertyLookup {
  let runs: Runs | undefined;
  return (codePoint) => {
    runs ??= readRuns(text);
    const { starts, classes } = runs;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] ?? 0) <= codePoint) low = middle;
      else high = middle - 1;
    }
    return classes[low] ?? 0x41;
  };
}
