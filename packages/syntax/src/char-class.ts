/** A set of the characters U+0000 to U+00FF, asked by their code. */
export type CharClass = (code: number) => boolean;

/**
 * Makes a character class out of single characters, ranges `['A', 'Z']` and other classes.
 * A look-up in a table: the fastest test there is, for a byte as for a UTF-16 unit.
 */
/* @__NO_SIDE_EFFECTS__ */
export function charClass(...members: readonly (string | readonly [from: string, to: string] | CharClass)[]): CharClass {
  const table = new Uint8Array(256);
  for (const member of members) {
    if (typeof member === 'string') {
      for (let i = 0; i < member.length; i++) table[member.charCodeAt(i)] = 1;
    } else if (typeof member === 'function') {
      for (let code = 0; code < 256; code++) if (member(code)) table[code] = 1;
    } else {
      for (let code = member[0].charCodeAt(0); code <= member[1].charCodeAt(0); code++) table[code] = 1;
    }
  }
  return (code) => table[code] === 1;
}

/** ALPHA (RFC 5234 appendix B.1). */
export const isAlpha: CharClass = charClass(['A', 'Z'], ['a', 'z']);
/** DIGIT (RFC 5234 appendix B.1). */
export const isDigit: CharClass = charClass(['0', '9']);
/** HEXDIG, upper and lower case (RFC 5234 appendix B.1). */
export const isHexDigit: CharClass = charClass(['0', '9'], ['A', 'F'], ['a', 'f']);
/** WSP: space and tab (RFC 5234 appendix B.1). */
export const isWhitespace: CharClass = charClass(' \t');
/** VCHAR: visible characters of ASCII (RFC 5234 appendix B.1). */
export const isVisible: CharClass = charClass(['!', '~']);
/** CTL: controls of ASCII (RFC 5234 appendix B.1). */
export const isControl: CharClass = charClass(['\x00', '\x1f'], '\x7f');

/** The value of a hexadecimal digit's code, or -1. */
export function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
