import { toLatin1 } from '@mox/runtime';

const longestString = 255;
const needsNoEscape = /^[ !#-[\]-~]*$/;
const oddInQuotes = /[^ !#-[\]-~]/g;
const oddOutsideQuotes = /[^!#-'*-:<-[\]-~]/g;

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return escapeAsNumber(character);
}

function escapeAsNumber(character: string): string {
  return `\\${String(character.charCodeAt(0)).padStart(3, '0')}`;
}

/** Latin-1 characters, each a byte, as one string in quotes, however long: the value of CAA is written so, which is no character string. */
export function quoteText(text: string): string {
  return `"${needsNoEscape.test(text) ? text : text.replace(oddInQuotes, escapeCharacter)}"`;
}

/**
 * The text of a TXT record, as `joinTxt` gives it, as `formatRecordData` writes it: in quotes, escaped as in zones (RFC 1035 §5.1), a string
 * for every 255 bytes (RFC 1035 §3.3).
 */
export function formatTxt(text: string): string {
  if (text.length <= longestString) return quoteText(text);
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += longestString) pieces.push(quoteText(text.slice(at, at + longestString)));
  return pieces.join(' ');
}

/** Bytes without quotes around them, what could mislead as decimal numbers (RFC 1035 §5.1). */
export function escapeBytes(bytes: Uint8Array): string {
  return toLatin1(bytes).replace(oddOutsideQuotes, escapeAsNumber);
}
