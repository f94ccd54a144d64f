import { fromLatin1, fromUtf8, toUtf8Strict } from '@mox/runtime';
import { charClass, hexValue } from '@mox/syntax';

/** xchar (RFC 3461 §4): what stands for itself. */
const isXchar = /* @__PURE__ */ charClass(['!', '*'], [',', '<'], ['>', '~']);

/** Encodes a text as xtext (RFC 3461 §4): octets of its UTF-8 that may not stand in a parameter's value as `+XX`. */
export function encodeXtext(text: string): string {
  let encoded = '';
  for (const byte of fromUtf8(text)) {
    encoded += isXchar(byte) ? String.fromCharCode(byte) : `+${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** Decodes xtext (RFC 3461 §4); undefined where it is none, or not UTF-8 after decoding. Hexadecimal digits may be lower case. */
export function decodeXtext(xtext: string): string | undefined {
  const bytes = fromLatin1(xtext);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = xtext.charCodeAt(at);
    if (byte === 0x2b) {
      const high = hexValue(xtext.charCodeAt(at + 1));
      const low = hexValue(xtext.charCodeAt(at + 2));
      if (high < 0 || low < 0) return undefined;
      bytes[length++] = high * 16 + low;
      at += 2;
    } else if (byte < 256 && isXchar(byte)) bytes[length++] = byte;
    else return undefined;
  }
  return toUtf8Strict(bytes.subarray(0, length));
}
