/** A piece of a phrase or of an address: an atom, a quoted string, or a single special. */
export interface Word {
  readonly text: string;
  readonly special: boolean;
  /** Whether white space or a comment stood before it. */
  readonly spaced: boolean;
}

/** Where a localpart and a domain stand in a list of words. */
export interface BareAddress {
  readonly localpart: string;
  readonly domain: string | null;
  /** Words before the address. */
  readonly before: number;
  /** Words up to the end of the address. */
  readonly end: number;
}

/** The words as text, a space where there was white space or a comment. */
export function joinWords(words: readonly Word[], from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) {
    const word = words[i];
    if (word) text += word.spaced && text !== '' ? ` ${word.text}` : word.text;
  }
  return text;
}

const letter = /[\p{L}\p{N}]/u;

/** The words behind an address as the name that some put there; empty where they say nothing. */
export function joinNameBehind(words: readonly Word[], from: number): string {
  // A comment without its end says it too.
  const name = joinWords(words, from, words.length).replace(/^\(+ ?/, '');
  return letter.test(name) ? name : '';
}

/** Whether a word is the given special. */
export function isSpecial(word: Word | undefined, text: string): boolean {
  return word?.special === true && word.text === text;
}

/** Whether there is an `@` among the words. */
export function hasSign(words: readonly Word[]): boolean {
  return words.some((word) => isSpecial(word, '@'));
}

/** Where the localpart that ends before word `end` starts: words joined by dots, or written without a blank between. */
function localpartStart(words: readonly Word[], end: number): number {
  let start = end - 1;
  while (start > 0 && (isSpecial(words[start], '.') || isSpecial(words[start - 1], '.') || !words[start]?.spaced)) start--;
  return Math.max(start, 0);
}

/** Joins words without white space: localparts and domains have none (RFC 5322 §4.4 obs-local-part, obs-domain). */
export function pressWords(words: readonly Word[], from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += words[i]?.text ?? '';
  return text;
}

/** Whether a word that follows a domain without a blank between is part of it. A `>` that nothing opened is not. */
function continuesDomain(words: readonly Word[], at: number): boolean {
  const word = words[at];
  if (isSpecial(word, '>')) return false;
  return isSpecial(word, '.') || isSpecial(words[at - 1], '.') || !word?.spaced;
}

function withoutDomain(words: readonly Word[], length: number): BareAddress {
  return { localpart: joinWords(words, 0, length), domain: null, before: 0, end: length };
}

/** Finds the address in the first `length` words, which have no angle brackets: the last `@` parts localpart and domain. */
export function findBareAddress(words: readonly Word[], length: number = words.length): BareAddress {
  let sign = length - 1;
  while (sign >= 0 && !isSpecial(words[sign], '@')) sign--;
  if (sign < 0) return withoutDomain(words, length);
  let end = sign + 1;
  while (end < length && (end === sign + 1 ? !isSpecial(words[end], '>') : continuesDomain(words, end))) end++;
  const start = localpartStart(words, sign);
  const domain = pressWords(words, sign + 1, end);
  return { localpart: pressWords(words, start, sign), domain: domain === '' ? null : domain, before: start, end };
}

/** Finds all addresses in words without angle brackets, which should have had commas between them, in order. One at least. */
export function findBareAddresses(words: readonly Word[]): readonly BareAddress[] {
  const first = words.findIndex((word) => isSpecial(word, '@'));
  if (first < 0) return [withoutDomain(words, words.length)];
  const addresses: BareAddress[] = [];
  // A word before an address that has no `@` is its name.
  for (let length = words.length; first < length; ) {
    const address = findBareAddress(words, length);
    addresses.push(address);
    length = address.before;
  }
  return addresses.length === 1 ? addresses : addresses.toReversed();
}
