export { ByteCursor } from './byte-cursor.ts';
export { type CharClass, charClass, hexValue, isAlpha, isControl, isDigit, isHexDigit, isVisible, isWhitespace } from './char-class.ts';
export {
  type Cidr,
  cidrContains,
  equalIps,
  formatIp,
  type IpAddress,
  ipv4Bits,
  ipv4OfBits,
  parseCidr,
  parseIp,
  readIpv4Bits,
  unmapIp,
} from './ip.ts';
export { present } from './present.ts';
export { parseRecordFields, type RecordField, trimBlanks } from './record-fields.ts';
export { ok, type ParseError, parseError, type Result, unwrap } from './result.ts';
export { TextCursor } from './text-cursor.ts';
