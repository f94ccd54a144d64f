import { type CharClass, charClass } from '@mox/syntax';

/** ATOM-CHAR: visible ASCII without atom-specials (RFC 9051 §9). */
export const isAtomChar: CharClass = charClass("!#$&'+,-./:;<=>?@^_`|}~", ['0', '9'], ['A', 'Z'], ['a', 'z'], '[');
/** ASTRING-CHAR (RFC 9051 §9). */
export const isAstringChar: CharClass = charClass(isAtomChar, ']');
/** list-char: what a LIST pattern may hold without quotes (RFC 9051 §9). */
export const isListChar: CharClass = charClass(isAstringChar, '%*');
/** Characters of a tag: ASTRING-CHAR without "+" (RFC 9051 §9). */
export const isTagChar: CharClass = charClass("!#$&',-./:;<=>?@^_`|}~[]", ['0', '9'], ['A', 'Z'], ['a', 'z']);
/** Characters of the names of items and search keys, which a bracket or a space ends. */
export const isItemChar: CharClass = charClass('.-=', ['0', '9'], ['A', 'Z'], ['a', 'z']);
