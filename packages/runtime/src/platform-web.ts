// The platform door where there are web standards only: browsers, edge workers. Twin of platform-node.ts.
import { hmac as nobleHmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import type { BarePublicKey, Hash, HashAlgorithm, KeyType, PrivateKey, PublicKey, SignatureAlgorithm } from './crypto.ts';
import { edwardsIdentity } from './edwards-identity.ts';
import { isUsableRsaKey, numberBits } from './rsa-public-key.ts';

const hashes = { md5, sha1, sha256, sha384, sha512 } as const;
const webNames = { sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' } as const;
const signatureHashes = {
  'rsa-sha1': 'SHA-1',
  'rsa-sha256': 'SHA-256',
  'rsa-sha512': 'SHA-512',
  'ecdsa-p256-sha256': 'SHA-256',
  'ecdsa-p384-sha384': 'SHA-384',
  ed25519: '',
  ed448: '',
} as const;
const signatureTypes: Readonly<Record<SignatureAlgorithm, KeyType>> = {
  'rsa-sha1': 'rsa',
  'rsa-sha256': 'rsa',
  'rsa-sha512': 'rsa',
  'ecdsa-p256-sha256': 'p256',
  'ecdsa-p384-sha384': 'p384',
  ed25519: 'ed25519',
  ed448: 'ed448',
};
const webCurves = { p256: 'P-256', p384: 'P-384', ed25519: 'Ed25519', ed448: 'Ed448' } as const;

/** What Web Crypto calls the algorithm of a key; of an RSA key the hash belongs to the key. */
function keyAlgorithm(type: KeyType, hash: string): KeyAlgorithmName {
  if (type === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash };
  return type === 'p256' || type === 'p384' ? { name: 'ECDSA', namedCurve: webCurves[type] } : webCurves[type];
}

type KeyAlgorithmName = string | { readonly name: string; readonly hash?: string; readonly namedCurve?: string };

/** What Web Crypto calls the algorithm of a signature; of an ECDSA signature the hash belongs to the signature. */
function signatureAlgorithm(algorithm: SignatureAlgorithm): string | { name: string; hash: string } {
  const type = signatureTypes[algorithm];
  if (type === 'rsa') return 'RSASSA-PKCS1-v1_5';
  return type === 'p256' || type === 'p384' ? { name: 'ECDSA', hash: signatureHashes[algorithm] } : webCurves[type];
}

/** Web Crypto takes only arrays over an ArrayBuffer of their own. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** Bytes of a text whose characters are all below U+0100; the low eight bits of the others. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function uninitializedBytes(length: number): Uint8Array {
  return new Uint8Array(length);
}

const utf16 = new TextDecoder('utf-16le');

/** A text with one character for each byte, U+0000 to U+00FF. */
export function toLatin1(bytes: Uint8Array, start: number = 0, end: number = bytes.length): string {
  const part = bytes.subarray(start, end);
  // Widened to UTF-16 in native code: no label of TextDecoder means ISO 8859-1 itself.
  if (part.length >= 256) return utf16.decode(new Uint16Array(part));
  let text = '';
  for (let i = 0; i < part.length; i++) text += String.fromCharCode(part[i] ?? 0);
  return text;
}

/** Where a byte first stands at or after `from`, -1 for nowhere. */
export function indexOfByte(bytes: Uint8Array, byte: number, from: number): number {
  return bytes.indexOf(byte, from);
}

const strictUtf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** The text of UTF-8 bytes, or undefined where they are not UTF-8. */
export function toUtf8Strict(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** What newer engines bring for base64; older type libraries do not know it. */
interface NativeBase64 {
  readonly fromBase64?: (text: string) => Uint8Array;
}

/** Base64 with padding, on one line. */
export function toBase64(bytes: Uint8Array): string {
  const native = (bytes as { readonly toBase64?: () => string }).toBase64;
  return native ? native.call(bytes) : btoa(toLatin1(bytes));
}

/** Bytes of base64 whose padding, if any, is at its end; undefined where anything but white space is mixed in. */
export function fromBase64(base64: Uint8Array | string): Uint8Array | undefined {
  const text = typeof base64 === 'string' ? base64 : toLatin1(base64);
  const native = (Uint8Array as NativeBase64).fromBase64;
  try {
    return native ? native.call(Uint8Array, text) : fromLatin1(atob(text));
  } catch {
    return undefined;
  }
}

export function createHash(algorithm: HashAlgorithm): Hash {
  const hash = hashes[algorithm].create();
  const wrapped: Hash = {
    update(bytes) {
      hash.update(bytes);
      return wrapped;
    },
    digest: () => hash.digest(),
  };
  return wrapped;
}

export function hash(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array {
  return hashes[algorithm](bytes);
}

export function hmac(algorithm: HashAlgorithm, key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return nobleHmac(hashes[algorithm], key, bytes);
}

export async function pbkdf2(parameters: {
  algorithm: HashAlgorithm;
  password: Uint8Array;
  salt: Uint8Array;
  iterations: number;
  lengthBytes: number;
}): Promise<Uint8Array> {
  const { algorithm, password, salt, iterations, lengthBytes } = parameters;
  if (algorithm === 'md5') throw new TypeError('PBKDF2 with MD5 is used by no protocol of mail');
  const key = await crypto.subtle.importKey('raw', own(password), 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: webNames[algorithm], salt: own(salt), iterations },
    key,
    lengthBytes * 8,
  );
  return new Uint8Array(bits);
}

/** DER of a length (X.690 §8.1.3). */
function derLength(length: number): number[] {
  if (length < 128) return [length];
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) digits.unshift(rest & 255);
  return [128 + digits.length, ...digits];
}

/** SubjectPublicKeyInfo around an RSAPublicKey (RFC 3279 §2.3.1): Web Crypto reads only the former. */
function spkiFromPkcs1(pkcs1: Uint8Array): Uint8Array {
  const algorithm = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
  const bits = [0x03, ...derLength(pkcs1.length + 1), 0x00];
  const head = [0x30, ...derLength(algorithm.length + bits.length + pkcs1.length), ...algorithm, ...bits];
  const all = new Uint8Array(head.length + pkcs1.length);
  all.set(head);
  all.set(pkcs1, head.length);
  return all;
}

type ImportKey = (algorithm: KeyAlgorithmName) => Promise<CryptoKey>;

/** A key that Web Crypto holds: imported once for each hash it is used with. */
class WebKey {
  readonly type: KeyType;
  readonly bits: number;
  readonly #importAs: ImportKey;
  readonly #keys = new Map<string, Promise<CryptoKey>>();

  constructor(type: KeyType, bits: number, importAs: ImportKey) {
    this.type = type;
    this.bits = bits;
    this.#importAs = importAs;
  }

  async use(algorithm: SignatureAlgorithm): Promise<{ name: string | { name: string; hash: string }; key: CryptoKey } | undefined> {
    if (this.type !== signatureTypes[algorithm]) return undefined;
    const hash = this.type === 'rsa' ? signatureHashes[algorithm] : '';
    const key = this.#keys.get(hash) ?? this.#importAs(keyAlgorithm(this.type, hash));
    this.#keys.set(hash, key);
    return { name: signatureAlgorithm(algorithm), key: await key };
  }
}

const curveBits: Readonly<Record<KeyType, number>> = { rsa: 0, p256: 256, p384: 384, ed25519: 256, ed448: 456 };

function keyBits(type: KeyType, key: CryptoKey): number {
  return 'modulusLength' in key.algorithm ? Number(key.algorithm.modulusLength) : curveBits[type];
}

function isUsable({ algorithm }: CryptoKey): boolean {
  if (!('modulusLength' in algorithm && 'publicExponent' in algorithm)) return true;
  return isUsableRsaKey({ bits: Number(algorithm.modulusLength), exponentBits: numberBits(algorithm.publicExponent as Uint8Array) });
}

/** A key of the first of some kinds that it can be read as; undefined where it is none, or a public one of an unusable size. */
async function loadKey(usage: 'verify' | 'sign', types: readonly KeyType[], importAs: ImportKey): Promise<WebKey | undefined> {
  for (const type of types) {
    try {
      const key = await importAs(keyAlgorithm(type, 'SHA-256'));
      if (usage === 'verify' && !isUsable(key)) return undefined;
      if (key.usages.includes(usage)) return new WebKey(type, keyBits(type, key), importAs);
    } catch {
      // not a key of this type: the next one is tried
    }
  }
  return undefined;
}

const keyTypes: readonly KeyType[] = ['rsa', 'ed25519', 'p256', 'p384', 'ed448'];

function wrapPublicKey(key: WebKey): PublicKey {
  return {
    type: key.type,
    bits: key.bits,
    async verify(algorithm, signed, signature) {
      const [ownSignature, ownSigned] = [own(signature), own(signed)];
      const use = await key.use(algorithm);
      return use !== undefined && crypto.subtle.verify(use.name, use.key, ownSignature, ownSigned);
    },
  };
}

export async function importPublicKey(format: 'spki' | 'pkcs1' | 'raw', bytes: Uint8Array): Promise<PublicKey | undefined> {
  const data = own(format === 'pkcs1' ? spkiFromPkcs1(bytes) : bytes);
  const key = await loadKey('verify', format === 'raw' ? ['ed25519'] : keyTypes, (algorithm) =>
    crypto.subtle.importKey(format === 'raw' ? 'raw' : 'spki', data, algorithm, true, ['verify']),
  );
  return key && wrapPublicKey(key);
}

function base64url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const pointHead = Uint8Array.of(4);

function importPoint(bytes: Uint8Array): ImportKey {
  return (algorithm) => crypto.subtle.importKey('raw', own(bytes), algorithm, true, ['verify']);
}

function importNumbers(key: { readonly modulus: Uint8Array; readonly exponent: Uint8Array }): ImportKey {
  const jwk = { kty: 'RSA', n: base64url(key.modulus), e: base64url(key.exponent) };
  return (algorithm) => crypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify']);
}

export async function importBarePublicKey(key: BarePublicKey): Promise<PublicKey | undefined> {
  if (key.type === 'rsa') {
    const loaded = await loadKey('verify', ['rsa'], importNumbers(key));
    return loaded && wrapPublicKey(loaded);
  }
  // A point that is not compressed has a 4 before its coordinates.
  const isPoint = key.type === 'p256' || key.type === 'p384';
  const loaded = await loadKey('verify', [key.type], importPoint(isPoint ? concatBytes(pointHead, key.bytes) : key.bytes));
  return loaded && wrapPublicKey(loaded);
}

function concatBytes(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const all = new Uint8Array(head.length + tail.length);
  all.set(head);
  all.set(tail, head.length);
  return all;
}

const supported = new Map<KeyType, Promise<boolean>>();

async function tryKeyType(type: 'ed25519' | 'ed448'): Promise<boolean> {
  return (await importBarePublicKey({ type, bytes: edwardsIdentity[type] })) !== undefined;
}

export function supportsKeyType(type: KeyType): Promise<boolean> {
  if (type !== 'ed25519' && type !== 'ed448') return Promise.resolve(true);
  const known = supported.get(type) ?? tryKeyType(type);
  supported.set(type, known);
  return known;
}

/** The DER inside PEM text (RFC 7468), or undefined where it is not the PEM of a PKCS #8 private key. */
function derFromPem(pem: string): Uint8Array | undefined {
  const base64 = /-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]*)-----END PRIVATE KEY-----/.exec(pem)?.[1];
  return base64 === undefined ? undefined : fromLatin1(atob(base64.replace(/\s/g, '')));
}

export async function importPrivateKey(source: Uint8Array | string): Promise<PrivateKey | undefined> {
  const der = typeof source === 'string' ? derFromPem(source) : source;
  if (!der) return undefined;
  const key = await loadKey('sign', ['rsa', 'ed25519'], (algorithm) =>
    crypto.subtle.importKey('pkcs8', own(der), algorithm, false, ['sign']),
  );
  if (!key) return undefined;
  return {
    type: key.type === 'rsa' ? 'rsa' : 'ed25519',
    bits: key.bits,
    async sign(algorithm, data) {
      const use = await key.use(algorithm);
      if (!use) throw new TypeError(`a key of type ${key.type} cannot sign ${algorithm}`);
      return new Uint8Array(await crypto.subtle.sign(use.name, use.key, own(data)));
    },
  };
}

export async function generateKeyPair(
  type: { type: 'rsa'; bits: number } | { type: 'ed25519' },
): Promise<{ publicKey: Uint8Array; privateKey: Uint8Array }> {
  const algorithm =
    type.type === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: type.bits, publicExponent: new Uint8Array([1, 0, 1]) }
      : { name: 'Ed25519' };
  const pair = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  return {
    publicKey: new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey)),
    privateKey: new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey)),
  };
}
