// The little that is to be known of an RSA public key before the platform reads it. Only the plainest DER (X.690 §10.1) is understood:
// whatever else there is is left to the platform.

const sequenceTag = 0x30;
const integerTag = 0x02;
const bitStringTag = 0x03;

/** AlgorithmIdentifier of rsaEncryption with its NULL (RFC 3279 §2.3.1). */
const rsaEncryption: Uint8Array = Uint8Array.of(0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00);

/** Where the contents of the element at `start` begin and end; undefined where there is no such element of that tag. */
function readElement(der: Uint8Array, start: number, tag: number): { readonly start: number; readonly end: number } | undefined {
  if (der[start] !== tag) return undefined;
  const first = der[start + 1] ?? 0x80;
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  if (first === 0x80 || lengthBytes > 3) return undefined;
  let length = first < 0x80 ? first : 0;
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + (der[start + 2 + i] ?? 0);
  const contents = start + 2 + lengthBytes;
  return contents + length <= der.length ? { start: contents, end: contents + length } : undefined;
}

/** The RSAPublicKey within a SubjectPublicKeyInfo (RFC 3279 §2.3.1); undefined where it is another key, or none. */
export function rsaKeyInSpki(spki: Uint8Array): Uint8Array | undefined {
  const outer = readElement(spki, 0, sequenceTag);
  if (!outer || outer.end !== spki.length) return undefined;
  for (let i = 0; i < rsaEncryption.length; i++) if (spki[outer.start + i] !== rsaEncryption[i]) return undefined;
  const bits = readElement(spki, outer.start + rsaEncryption.length, bitStringTag);
  // The first byte tells how many bits of the last are unused: none.
  return bits && bits.end === outer.end && spki[bits.start] === 0 ? spki.subarray(bits.start + 1, bits.end) : undefined;
}

/** Bits of an unsigned number, most significant byte first. */
export function numberBits(bytes: Uint8Array): number {
  let first = 0;
  while (first < bytes.length && bytes[first] === 0) first++;
  return first === bytes.length ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24);
}

/** Bits of modulus and exponent of an RSA key. */
export interface RsaKeySize {
  readonly bits: number;
  readonly exponentBits: number;
}

/**
 * Whether a key has both its numbers, and checking a signature by it does not take far longer than by the keys in use. The cost grows
 * with the square of the modulus, of which nobody has more than 8192 bits, and with each bit of the exponent: 17 are usual, and with as
 * many as the modulus has it takes a thousand times longer.
 */
export function isUsableRsaKey({ bits, exponentBits }: RsaKeySize): boolean {
  return bits > 0 && bits <= 8192 && exponentBits > 0 && exponentBits <= 64;
}

/** Bits of modulus and exponent of an RSAPublicKey (RFC 8017 appendix A.1.1); undefined where the bytes are none. */
export function readRsaKey(pkcs1: Uint8Array): RsaKeySize | undefined {
  const outer = readElement(pkcs1, 0, sequenceTag);
  const modulus = outer?.end === pkcs1.length ? readElement(pkcs1, outer.start, integerTag) : undefined;
  const exponent = modulus && readElement(pkcs1, modulus.end, integerTag);
  if (!modulus || exponent?.end !== pkcs1.length) return undefined;
  const bits = numberBits(pkcs1.subarray(modulus.start, modulus.end));
  return bits === 0 ? undefined : { bits, exponentBits: numberBits(pkcs1.subarray(exponent.start, exponent.end)) };
}
