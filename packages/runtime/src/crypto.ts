import * as platform from '#platform';

/** Hash algorithms of the protocols of mail. MD5 serves CRAM-MD5 and Content-MD5 alone, SHA-1 old signatures and SCRAM-SHA-1. */
export type HashAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** A hash that is fed in pieces. */
export interface Hash {
  update(bytes: Uint8Array): this;
  /** The digest. The hash cannot be used after it. */
  digest(): Uint8Array;
}

/** Starts a hash (RFC 6234, RFC 1321). */
export function createHash(algorithm: HashAlgorithm): Hash {
  return platform.createHash(algorithm);
}

/** The hash of some bytes. */
export function hash(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array {
  return platform.hash(algorithm, bytes);
}

/** HMAC (RFC 2104). */
export function hmac(algorithm: HashAlgorithm, key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return platform.hmac(algorithm, key, bytes);
}

/** PBKDF2 with HMAC (RFC 8018 §5.2), as SCRAM's Hi(). Runs off the main thread where the platform can. */
export function pbkdf2(parameters: {
  readonly algorithm: HashAlgorithm;
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly lengthBytes: number;
}): Promise<Uint8Array> {
  return platform.pbkdf2(parameters);
}

/** Random bytes fit for keys and nonces. */
export function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  // Web Crypto gives no more than 65,536 bytes at once.
  for (let at = 0; at < count; at += 65_536) globalThis.crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

/** Where a machine takes randomness from, so that a test can hand it a fixed one. */
export interface Random {
  bytes(count: number): Uint8Array;
}

/** The platform's randomness. */
export const systemRandom: Random = { bytes: randomBytes };

/**
 * Signature algorithms: RSASSA-PKCS1-v1_5 (RFC 8017 §8.2) and ECDSA over a hash of the data, Ed25519 and Ed448 (RFC 8032) over the
 * data itself. Signatures of ECDSA are the two numbers r and s, one after the other, each as long as the curve's.
 */
export type SignatureAlgorithm = 'rsa-sha1' | 'rsa-sha256' | 'rsa-sha512' | 'ecdsa-p256-sha256' | 'ecdsa-p384-sha384' | 'ed25519' | 'ed448';

/** Kinds of keys. */
export type KeyType = 'rsa' | 'p256' | 'p384' | 'ed25519' | 'ed448';

/** A public key ready for use. Keep it: making one costs more than a signature check. */
export interface PublicKey {
  readonly type: KeyType;
  /** Size of the RSA modulus in bits; of the others that of the curve, 256 for Ed25519. */
  readonly bits: number;
  /** Both arrays may be used again once it has returned its promise. */
  verify(algorithm: SignatureAlgorithm, data: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** A private key ready for use. */
export interface PrivateKey {
  readonly type: 'rsa' | 'ed25519';
  readonly bits: number;
  sign(algorithm: SignatureAlgorithm, data: Uint8Array): Promise<Uint8Array>;
}

/**
 * Reads a public key: DER of SubjectPublicKeyInfo (`spki`), of RSAPublicKey (`pkcs1`), or the 32 bytes of
 * an Ed25519 key (`raw`). Undefined where the bytes are no such key, or an RSA key of more than 8192 bits or with a public exponent of
 * more than 64: checking a signature by it could take a thousand times longer.
 */
export function importPublicKey(format: 'spki' | 'pkcs1' | 'raw', bytes: Uint8Array): Promise<PublicKey | undefined> {
  return platform.importPublicKey(format, bytes);
}

/** A public key as its numbers, most significant byte first. */
export type BarePublicKey =
  | { readonly type: 'rsa'; readonly modulus: Uint8Array; readonly exponent: Uint8Array }
  /** The coordinates x and y of the point, one after the other. */
  | { readonly type: 'p256' | 'p384'; readonly bytes: Uint8Array }
  /** RFC 8032 §5.1.5, §5.2.5. */
  | { readonly type: 'ed25519' | 'ed448'; readonly bytes: Uint8Array };

/**
 * Makes a public key of its numbers. Undefined where they are no such key, where the platform has no such keys, and for RSA keys that
 * `importPublicKey` would not take either.
 */
export function importBarePublicKey(key: BarePublicKey): Promise<PublicKey | undefined> {
  return platform.importBarePublicKey(key);
}

/** Whether the platform can check signatures by keys of a kind: `ed448`, and in old browsers `ed25519`, are not everywhere. */
export function supportsKeyType(type: KeyType): Promise<boolean> {
  return platform.supportsKeyType(type);
}

/** Reads a private key in PKCS #8 DER (RFC 5958) or PEM text of it. Undefined where it is no such key. */
export function importPrivateKey(key: Uint8Array | string): Promise<PrivateKey | undefined> {
  return platform.importPrivateKey(key);
}

/** Makes a key pair; both in DER, SubjectPublicKeyInfo and PKCS #8. */
export function generateKeyPair(
  type: { readonly type: 'rsa'; readonly bits: number } | { readonly type: 'ed25519' },
): Promise<{ readonly publicKey: Uint8Array; readonly privateKey: Uint8Array }> {
  return platform.generateKeyPair(type);
}
