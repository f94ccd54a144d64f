import { fromUtf8, toLatin1 } from '@mox/runtime';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that a quoted string cannot hold, or not as they are
const notPlain = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const notQuotable = /[\x00\r\n]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const beyondAscii = /[^\x00-\x7f]/;
const quotedSpecials = /["\\]/g;

function literal(bytes: string): string {
  return `{${bytes.length}}\r\n${bytes}`;
}

/**
 * A string (RFC 9051 §4.3) of Unicode text, one character for each byte: quoted where that can be, UTF-8 in quotes only where
 * `utf8` says that the client takes it (RFC 9051 §4.3, RFC 6855 §3), otherwise a literal. NUL, which no string can hold, is left out.
 */
export function formatString(text: string, utf8: boolean): string {
  if (!notPlain.test(text)) return `"${text}"`;
  const clean = text.includes('\0') ? text.replaceAll('\0', '') : text;
  const international = beyondAscii.test(clean);
  const bytes = international ? toLatin1(fromUtf8(clean)) : clean;
  if ((international && !utf8) || notQuotable.test(clean)) return literal(bytes);
  return `"${bytes.replace(quotedSpecials, '\\$&')}"`;
}

/** As `formatString`; NIL for null and undefined. */
export function formatNstring(text: string | null | undefined, utf8: boolean): string {
  return text === null || text === undefined ? 'NIL' : formatString(text, utf8);
}

const astringAtom = /^[!#$&'+,\-./:;<=>?@^_`|}~0-9A-Za-z[\]]+$/;

/** An astring of Unicode text: as it is where it is an atom, as `formatString` otherwise. */
export function formatAstring(text: string, utf8: boolean): string {
  return astringAtom.test(text) && text.toUpperCase() !== 'NIL' ? text : formatString(text, utf8);
}

/** As `formatString`, of text that has one character for each byte already, such as an encoded mailbox name. */
export function formatByteString(bytes: string, utf8: boolean): string {
  if (!notPlain.test(bytes)) return `"${bytes}"`;
  if (notQuotable.test(bytes) || (!utf8 && beyondAscii.test(bytes))) return literal(bytes);
  return `"${bytes.replace(quotedSpecials, '\\$&')}"`;
}
