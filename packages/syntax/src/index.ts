export { ByteCursor } from './byte-cursor.ts';
export { type CharClass, charClass, hexValue, isAlpha, isControl, isDigit, isHexDigit, isVisible, isWhitespace } from './char-class.ts';
export { type Cidr, cidrContains, equalIps, formatIp, type IpAddress, parseCidr, parseIp, unmapIp } from './ip.ts';
export { present } from './present.ts';
export { parseRecordFields, type RecordField } from './record-fields.ts';
export { ok, type ParseError, parseError, type Result, unwrap } from './result.ts';
export { TextCursor } from './text-cursor.ts';
