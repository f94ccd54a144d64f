import { type CharClass, charClass } from '@mox/syntax';

/** ATOM-CHAR: visible ASCII without atom-specials (RFC 9051 §9). */
export const isAtomChar: CharClass = /* @__PURE__ */ charClass("!#$&'+,-./:;<=>?@^_`|}~", ['0', '9'], ['A', 'Z'], ['a', 'z'], '[');
/** ASTRING-CHAR (RFC 9051 §9). */
export const isAstringChar: CharClass = /* @__PURE__ */ charClass(isAtomChar, ']');
/** list-char: what a LIST pattern may hold without quotes (RFC 9051 §9). */
export const isListChar: CharClass = /* @__PURE__ */ charClass(isAstringChar, '%*');
/** Characters of a tag: ASTRING-CHAR without "+" (RFC 9051 §9). */
export const isTagChar: CharClass = /* @__PURE__ */ charClass("!#$&',-./:;<=>?@^_`|}~[]", ['0', '9'], ['A', 'Z'], ['a', 'z']);
/** Characters of the names of items and search keys, which a bracket or a space ends. */
export const isItemChar: CharClass = /* @__PURE__ */ charClass('.-=', ['0', '9'], ['A', 'Z'], ['a', 'z']);

/** A bit for each class in `classBits`. */
export const atomBit = 1;
export const astringBit = 2;
export const itemBit = 4;
/** Letters that upper case changes. */
export const lowerBit = 8;
/** What servers write without quotes: ASTRING-CHAR, and the bytes of UTF-8. */
export const bareBit = 16;

/** The classes of each byte as bits: a run of characters is read without a call for each. */
export const classBits: Uint8Array = /* @__PURE__ */ Uint8Array.from(
  { length: 256 },
  (_, code) =>
    (isAtomChar(code) ? atomBit : 0) |
    (isAstringChar(code) ? astringBit : 0) |
    (isItemChar(code) ? itemBit : 0) |
    (isAstringChar(code) || code >= 128 ? bareBit : 0) |
    (code >= 97 && code <= 122 ? lowerBit : 0),
);
