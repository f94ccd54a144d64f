import { isAtomText } from './address.ts';

/** A mailbox in one of the plain forms that nearly all are in. */
export interface SimpleMailbox {
  readonly rawName: string | null;
  readonly localpart: string;
  readonly domain: string;
  /** Offset of the comma behind it, or of the end of the text. */
  readonly end: number;
}

const atomOrDot = 1;
const blank = 2;

/** What a character is in a plain name: part of a word, the blank between two, or 0 for what needs the whole parser. */
const kinds: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 128 }, (_, code) => {
  if (code === 0x20) return blank;
  return isAtomText(code) || code === 0x2e ? atomOrDot : 0;
});

function kindOf(code: number): number {
  return code < 128 ? (kinds[code] as number) : 0;
}

/** Offset behind a dot-atom (RFC 5322 §3.2.3), or `from` where there is none. */
function skipAtoms(text: string, from: number): number {
  let at = from;
  while (at < text.length && kindOf(text.charCodeAt(at)) === atomOrDot) at++;
  return at;
}

/** End of a name of words with single blanks between, which is where `<` stands; -1 for any other. */
function nameEnd(text: string, from: number): number {
  let before = blank;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x3c) return at;
    const kind = kindOf(code);
    if (kind === 0 || (kind === blank && before === blank)) return -1;
    before = kind;
  }
  return -1;
}

/** End of a quoted name that holds nothing to unquote or unfold, which is where `<` stands; -1 for any other. */
function quotedNameEnd(text: string, from: number): number {
  let at = from + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) break;
    if (code === 0x5c || code < 0x20) return -1;
  }
  at++;
  if (text.charCodeAt(at) === 0x20) at++;
  return text.charCodeAt(at) === 0x3c ? at : -1;
}

/** Goes past blanks and line ends; returns the offset of a comma or of the end, or -1 where anything else comes. */
function findSeparator(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2c) return at;
    if (code !== 0x20 && code !== 0x0d && code !== 0x0a && code !== 0x09) return -1;
  }
  return at;
}

/**
 * Reads `localpart@domain`, `words <localpart@domain>` or `"words" <localpart@domain>` where nothing about it is odd (RFC 5322 §3.4);
 * undefined for all else, which the whole parser reads. A short cut only: the result is what that one's would be.
 */
export function readSimpleMailbox(text: string, from: number): SimpleMailbox | undefined {
  let start = from;
  let rawName: string | null = null;
  const quoted = text.charCodeAt(from) === 0x22;
  let at = quoted ? from : skipAtoms(text, from);
  const angled = quoted || text.charCodeAt(at) !== 0x40;
  if (angled) {
    const angle = quoted ? quotedNameEnd(text, from) : nameEnd(text, from);
    if (angle < 0) return undefined;
    const end = angle > from && text.charCodeAt(angle - 1) === 0x20 ? angle - 1 : angle;
    rawName = quoted ? text.slice(from + 1, end - 1) : text.slice(from, end);
    if (rawName === '') rawName = null;
    start = angle + 1;
    at = skipAtoms(text, start);
  }
  if (at === start || text.charCodeAt(at) !== 0x40) return undefined;
  const domainEnd = skipAtoms(text, at + 1);
  if (domainEnd === at + 1 || (angled && text.charCodeAt(domainEnd) !== 0x3e)) return undefined;
  const end = findSeparator(text, angled ? domainEnd + 1 : domainEnd);
  return end < 0 ? undefined : { rawName, localpart: text.slice(start, at), domain: text.slice(at + 1, domainEnd), end };
}
