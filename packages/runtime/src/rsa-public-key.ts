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

/** Bits of the unsigned number that is the contents of an INTEGER. */
function numberBits(der: Uint8Array, { start, end }: { readonly start: number; readonly end: number }): number {
  let first = start;
  while (first < end && der[first] === 0) first++;
  return first === end ? 0 : (end - first) * 8 - (Math.clz32(der[first] ?? 0) - 24);
}

/**
 * Most bits of a public exponent. Whoever is to check a signature pays for each: with an exponent as long as the modulus it takes a
 * thousand times longer, and the exponents that are in use have 17.
 */
export const mostExponentBits = 64;

/** Bits of modulus and exponent of an RSAPublicKey (RFC 8017 appendix A.1.1); undefined where the bytes are none. */
export function readRsaKey(pkcs1: Uint8Array): { readonly bits: number; readonly exponentBits: number } | undefined {
  const outer = readElement(pkcs1, 0, sequenceTag);
  const modulus = outer?.end === pkcs1.length ? readElement(pkcs1, outer.start, integerTag) : undefined;
  const exponent = modulus && readElement(pkcs1, modulus.end, integerTag);
  if (!modulus || exponent?.end !== pkcs1.length) return undefined;
  const bits = numberBits(pkcs1, modulus);
  return bits === 0 ? undefined : { bits, exponentBits: numberBits(pkcs1, exponent) };
}
