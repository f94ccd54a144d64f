import type { AddressScanner } from './address-scanner.ts';
import { hasSign, isSpecial, type Word } from './address-words.ts';

/** Words of one entry beyond this many are passed over: bounds the memory that an endless name takes. */
const wordLimit = 1000;

const quote = 0x22;
const comma = 0x2c;
const dot = 0x2e;
const colon = 0x3a;
const semicolon = 0x3b;
const angle = 0x3c;
const angleEnd = 0x3e;
const at = 0x40;
const bracket = 0x5b;

/** Words that are a special: nothing but where they stand differs, so each is made once. */
const specials: readonly (readonly [tight: Word, spaced: Word])[] = /* @__PURE__ */ Array.from({ length: 128 }, (_, code) => {
  const text = String.fromCharCode(code);
  return [
    { text, special: true, spaced: false },
    { text, special: true, spaced: true },
  ];
});

/** Adds a special, which is ASCII, to the words, as long as they are not too many. */
export function pushSpecial(words: Word[], code: number, spaced: boolean): void {
  if (words.length < wordLimit) words.push((specials[code] as readonly [Word, Word])[spaced ? 1 : 0]);
}

/** Offset behind the `]` of an address literal, or -1. Bounded: no literal is that long. */
function literalEnd(text: string, start: number): number {
  for (let i = start + 1; i < Math.min(text.length, start + 300); i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5d) return i + 1;
    if (code === bracket || code === angleEnd) return -1;
  }
  return -1;
}

/** `[` … `]`, where it is an address literal behind `@`; otherwise an atom. */
function takeLiteral(scanner: AddressScanner, words: readonly Word[]): string {
  const start = scanner.at;
  const end = isSpecial(words.at(-1), '@') ? literalEnd(scanner.text, start) : -1;
  if (end < 0) return scanner.takeAtom();
  scanner.at = end;
  return scanner.text.slice(start, end).replace(/[ \t\r\n]/g, '');
}

/** Reads a word, an atom, a quoted string or a special, and adds it to the words, as long as they are not too many. */
export function takeWord(scanner: AddressScanner, words: Word[], spaced: boolean): void {
  const code = scanner.peek();
  if (code === at || code === dot || code === colon || code === angleEnd) {
    if (code === colon || code === angleEnd) scanner.defect('unquoted-special');
    scanner.at++;
    pushSpecial(words, code, spaced);
  } else if (words.length >= wordLimit) {
    if (code === quote) scanner.skipQuoted();
    else scanner.skipAtom();
  } else if (code === quote) words.push({ text: scanner.takeQuoted(), special: false, spaced });
  else words.push({ text: code === bracket ? takeLiteral(scanner, words) : scanner.takeAtom(), special: false, spaced });
}

/** What stands between `>` and the next separator. */
export interface WordsBehind {
  readonly words: Word[];
  /** Whether the comma is missing: they are the name of the next address, or that address. */
  readonly startNext: boolean;
}

/** Reads what stands between `>` and the next separator, where nothing should. */
export function takeWordsBehind(scanner: AddressScanner): WordsBehind {
  const words: Word[] = [];
  for (;;) {
    const from = scanner.at;
    scanner.skipBlanks();
    const code = scanner.peek();
    if (code < 0 || code === semicolon || code === comma || code === angle) {
      if (words.length > 0) scanner.defect('unexpected-text');
      return { words, startNext: code === angle || hasSign(words) };
    }
    takeWord(scanner, words, scanner.at > from);
  }
}
