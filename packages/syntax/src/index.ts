export { ByteCursor } from './byte-cursor.ts';
export { type CharClass, charClass, hexValue, isAlpha, isControl, isDigit, isHexDigit, isVisible, isWhitespace } from './char-class.ts';
export { ok, type ParseError, parseError, type Result, unwrap } from './result.ts';
export { TextCursor } from './text-cursor.ts';
