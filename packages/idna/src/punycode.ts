import punycode from 'punycode/punycode.js';

/** Writes a label in Punycode, without a prefix (RFC 3492 §6.3). Undefined where it is too long to be counted. */
export function encodePunycode(label: string): string | undefined {
  try {
    return punycode.encode(label);
  } catch {
    return undefined;
  }
}

/** Reads Punycode without a prefix (RFC 3492 §6.2). Undefined where it is ill-formed. */
export function decodePunycode(text: string): string | undefined {
  try {
    return punycode.decode(text);
  } catch {
    return undefined;
  }
}
