const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const padding = 64;
const blank = 65;
const bad = 66;

/** What each character below U+0080 is in base64: the value of a digit, padding, white space that is ignored, or nothing. */
const kinds: Uint8Array = new Uint8Array(128).fill(bad);
for (let i = 0; i < alphabet.length; i++) kinds[alphabet.charCodeAt(i)] = i;
kinds[61] = padding;
for (const code of [32, 9, 13, 10]) kinds[code] = blank;

function kindAt(value: string, at: number): number {
  const code = value.charCodeAt(at);
  return code < 128 ? (kinds[code] as number) : bad;
}

/** Decodes whole groups of four digits that stand together, and returns the offset of what is not such a group. */
function decodeGroups(value: string, start: number, output: Uint8Array, written: number): number {
  let to = written;
  let at = start;
  for (; at + 4 <= value.length; at += 4) {
    const first = value.charCodeAt(at);
    const second = value.charCodeAt(at + 1);
    const third = value.charCodeAt(at + 2);
    const fourth = value.charCodeAt(at + 3);
    if ((first | second | third | fourth) > 127) break;
    const a = kinds[first] as number;
    const b = kinds[second] as number;
    const c = kinds[third] as number;
    const d = kinds[fourth] as number;
    if ((a | b | c | d) >= padding) break;
    output[to++] = (a << 2) | (b >> 4);
    output[to++] = (b << 4) | (c >> 2);
    output[to++] = (c << 6) | d;
  }
  return at;
}

/**
 * The bytes of a base64string (RFC 6376 §2.10): white space may be anywhere within, padding must be as it must. Undefined where it
 * is none. One pass over what is short and comes folded in every signature.
 */
export function decodeBase64Tag(value: string): Uint8Array | undefined {
  const bytes = new Uint8Array((value.length * 3) >> 2);
  let length = 0;
  let bits = 0;
  let digits = 0;
  let padded = 0;
  for (let at = 0; at < value.length; at++) {
    if (digits === 0 && padded === 0) {
      const end = decodeGroups(value, at, bytes, length);
      length += ((end - at) >> 2) * 3;
      at = end;
      if (at === value.length) break;
    }
    const kind = kindAt(value, at);
    if (kind < padding) {
      if (padded > 0) return undefined;
      bits = (bits << 6) | kind;
      if (++digits < 4) continue;
      bytes[length++] = bits >>> 16;
      bytes[length++] = bits >>> 8;
      bytes[length++] = bits;
      bits = digits = 0;
    } else if (kind === padding) padded++;
    else if (kind === bad) return undefined;
  }
  // RFC 4648 §3.5: bits that are not used are zero.
  if (digits === 1 || padded !== (4 - digits) % 4 || (bits & (digits === 2 ? 15 : digits === 3 ? 3 : 0)) !== 0) return undefined;
  if (digits >= 2) bytes[length++] = bits >>> (digits === 2 ? 4 : 10);
  if (digits === 3) bytes[length++] = bits >>> 2;
  return bytes.subarray(0, length);
}
