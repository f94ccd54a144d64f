const tab = 9;
const cr = 13;
const space = 32;

/**
 * Whether here is white space that "relaxed" may change (RFC 6376 §3.4.4): a tab, or a space before more white space or
 * before a CR.
 */
function isReducible(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at];
  if (byte !== space) return byte === tab;
  const next = bytes[at + 1];
  return next === space || next === tab || next === cr;
}

function findByByte(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && !isReducible(bytes, at)) at++;
  return at;
}

/** Whether the first byte of a word is its lowest, as it is nearly everywhere. */
const littleEndian: boolean = /* @__PURE__ */ (() => new Uint8Array(Uint16Array.of(1).buffer)[0] === 1)();

/**
 * Offset of the first white space between `start` and `end` that "relaxed" may change, or `end`. `words` are the same bytes,
 * four at a time: nearly all words of a text hold neither a byte below LF nor one below "!" behind a space.
 */
export function findReducible(bytes: Uint8Array, words: Int32Array, start: number, end: number): number {
  // Where there is much to reduce, the next is near.
  const nearEnd = littleEndian ? Math.min(start + 8, end) : end;
  const near = findByByte(bytes, start, nearEnd);
  if (near < nearEnd || near === end) return near;
  const wordsEnd = (end + 3) >> 2;
  let spaceBefore = 0;
  for (let i = near >> 2; i < wordsEnd; i++) {
    const word = words[i] as number;
    const differing = word ^ 0x20202020;
    // The high bit of each byte says what it is. A borrow may mark too much, never too little.
    const spaces = (differing - 0x01010101) & ~differing & 0x80808080;
    const blanks = (word - 0x21212121) & ~word;
    const tabs = (word - 0x0a0a0a0a) & ~word & 0x80808080;
    if ((blanks & ((spaces << 8) | spaceBefore)) | tabs) {
      const wordEnd = (i + 1) << 2;
      const found = findByByte(bytes, Math.max(near, wordEnd - 5), wordEnd);
      if (found < wordEnd) return Math.min(found, end);
    }
    spaceBefore = spaces >>> 24;
  }
  return end;
}
