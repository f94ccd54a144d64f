/** An address with its type, as reports have it (RFC 3464 §2.1.2), e.g. `rfc822;jane@example.org`. */
export interface TypedAddress {
  /** In lower case: `rfc822`, `utf-8` (RFC 6533 §3), `x400` ... */
  readonly type: string;
  /** For `utf-8` decoded. */
  readonly address: string;
}

/** Characters that `\x{...}` may stand for, as RFC 6533 §3 has them: beyond ASCII, and the few of ASCII that would end the field. */
const escapePattern = /\\x\{([0-9A-Fa-f]{2,6})\}/g;

function decodeUnicode(text: string): string {
  return text.replace(escapePattern, (whole, digits: string) => {
    const codePoint = Number.parseInt(digits, 16);
    const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    return codePoint > 0x10ffff || surrogate || codePoint < 0x20 || codePoint === 0x7f ? whole : String.fromCodePoint(codePoint);
  });
}

/** utf-8-addr-xtext (RFC 6533 §3): what is not printable ASCII, backslash, plus and equals as `\x{...}`. */
function encodeUnicode(text: string): string {
  return text.replace(
    /[^\x21-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e]/gu,
    (character) => `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}}`,
  );
}

/** Parts `type; value`, the type in lower case. Where there is none, it is as told. */
export function splitTyped(text: string, defaultType: string): readonly [type: string, value: string] {
  const match = /^\s*([A-Za-z0-9_-]+)\s*;(.*)$/s.exec(text);
  return [match?.[1]?.toLowerCase() ?? defaultType, (match?.[2] ?? text).trim()];
}

/** Reads `type; address`. Where there is no type, `rfc822` is meant. */
export function parseTypedAddress(text: string): TypedAddress {
  const [type, address] = splitTyped(text, 'rfc822');
  return { type, address: type === 'utf-8' ? decodeUnicode(address) : address };
}

/** Writes `type; address`: in ASCII, or where `utf8` allows it (message/global-delivery-status) as it is. */
export function formatTypedAddress({ type, address }: TypedAddress, options: { readonly utf8?: boolean } = {}): string {
  return `${type}; ${type === 'utf-8' && !options.utf8 ? encodeUnicode(address) : address}`;
}
