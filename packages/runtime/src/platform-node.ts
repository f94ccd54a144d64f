// The platform door on Node. platform-web.ts is its twin: same exports, web standards.
import { isUtf8 } from 'node:buffer';
import * as nodeCrypto from 'node:crypto';
import { promisify } from 'node:util';
import type { BarePublicKey, Hash, HashAlgorithm, KeyType, PrivateKey, PublicKey, SignatureAlgorithm } from './crypto.ts';
import { edwardsIdentity } from './edwards-identity.ts';
import { isUsableRsaKey, readRsaKey, rsaKeyInSpki } from './rsa-public-key.ts';

const pbkdf2Async = promisify(nodeCrypto.pbkdf2);
const encoding = { publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'der' } } as const;

/** A view of a Buffer as plain bytes: Buffer's methods differ from Uint8Array's, so none leaves this file. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bytes of a text whose characters are all below U+0100; the low eight bits of the others. */
export function fromLatin1(text: string): Uint8Array {
  return plain(Buffer.from(text, 'latin1'));
}

/** What `toString` of a Buffer ends in, which plain bytes can be given to: the Buffer made for one call costs more than a short text. */
const { latin1Slice } = Buffer.prototype as { readonly latin1Slice?: (this: Uint8Array) => string };

/** A text with one character for each byte, U+0000 to U+00FF. */
export function toLatin1(bytes: Uint8Array, start?: number, end?: number): string {
  if (latin1Slice && start === undefined && end === undefined) return latin1Slice.call(bytes);
  return view(bytes).toString('latin1', start, end);
}

/** Where a byte first stands at or after `from`, -1 for nowhere. Buffer's search uses the processor's wide instructions, Uint8Array's does not. */
export function indexOfByte(bytes: Uint8Array, byte: number, from: number): number {
  return Buffer.prototype.indexOf.call(bytes, byte, from);
}

export function uninitializedBytes(length: number): Uint8Array {
  return plain(Buffer.allocUnsafe(length));
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of UTF-8 bytes, or undefined where they are not UTF-8. */
export function toUtf8Strict(bytes: Uint8Array): string | undefined {
  // An exception for each field of a header that is not UTF-8 would cost far more.
  return isUtf8(bytes) ? utf8.decode(bytes) : undefined;
}

/** Base64 with padding, on one line. */
export function toBase64(bytes: Uint8Array): string {
  return view(bytes).toString('base64');
}

/** Bytes of base64 whose padding, if any, is at its end; what is not of the alphabet is passed over. */
export function fromBase64(base64: Uint8Array | string): Uint8Array | undefined {
  return plain(Buffer.from(typeof base64 === 'string' ? base64 : view(base64).toString('latin1'), 'base64'));
}

/** The bytes of a digest that came as a text: the way over a Buffer costs more than hashing a short input. */
function fromBinary(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function createHash(algorithm: HashAlgorithm): Hash {
  const hash = nodeCrypto.createHash(algorithm);
  const wrapped: Hash = {
    update(bytes) {
      hash.update(bytes);
      return wrapped;
    },
    digest: () => fromBinary(hash.digest('binary')),
  };
  return wrapped;
}

export function hash(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array {
  return fromBinary(nodeCrypto.hash(algorithm, bytes, 'binary'));
}

export function hmac(algorithm: HashAlgorithm, key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return plain(nodeCrypto.createHmac(algorithm, key).update(bytes).digest());
}

export async function pbkdf2(parameters: {
  algorithm: HashAlgorithm;
  password: Uint8Array;
  salt: Uint8Array;
  iterations: number;
  lengthBytes: number;
}): Promise<Uint8Array> {
  const { password, salt, iterations, lengthBytes, algorithm } = parameters;
  return plain(await pbkdf2Async(password, salt, iterations, lengthBytes, algorithm));
}

/** Names of the digests as OpenSSL takes them; the Edwards curves bring their own. */
const algorithms: Readonly<Record<SignatureAlgorithm, { readonly type: KeyType; readonly digest?: string }>> = {
  'rsa-sha1': { type: 'rsa', digest: 'sha1' },
  'rsa-sha256': { type: 'rsa', digest: 'sha256' },
  'rsa-sha512': { type: 'rsa', digest: 'sha512' },
  'ecdsa-p256-sha256': { type: 'p256', digest: 'sha256' },
  'ecdsa-p384-sha384': { type: 'p384', digest: 'sha384' },
  ed25519: { type: 'ed25519' },
  ed448: { type: 'ed448' },
};

const curves: ReadonlyMap<string | undefined, { readonly type: KeyType; readonly bits: number }> = new Map([
  ['prime256v1', { type: 'p256', bits: 256 }],
  ['secp384r1', { type: 'p384', bits: 384 }],
]);

interface KeyFacts {
  readonly type: KeyType;
  readonly bits: number;
}

function keyFacts(key: nodeCrypto.KeyObject): KeyFacts | undefined {
  if (key.asymmetricKeyType === 'ed25519') return { type: 'ed25519', bits: 256 };
  if (key.asymmetricKeyType === 'ed448') return { type: 'ed448', bits: 456 };
  if (key.asymmetricKeyType === 'rsa') return { type: 'rsa', bits: key.asymmetricKeyDetails?.modulusLength ?? 0 };
  return key.asymmetricKeyType === 'ec' ? curves.get(key.asymmetricKeyDetails?.namedCurve) : undefined;
}

/** OpenSSL reads an RSAPublicKey in half the time that it takes for the same key as SubjectPublicKeyInfo. */
function createRsaKey(pkcs1: Uint8Array): nodeCrypto.KeyObject {
  return nodeCrypto.createPublicKey({ key: view(pkcs1), format: 'der', type: 'pkcs1' });
}

interface MadeKey extends KeyFacts {
  readonly key: nodeCrypto.KeyObject;
}

/** A key that OpenSSL has read; undefined where it is of a kind that is not used, or of a size. */
function describeKey(key: nodeCrypto.KeyObject): MadeKey | undefined {
  const facts = keyFacts(key);
  if (facts?.type === 'rsa') {
    const { publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    const exponentBits = publicExponent === 0n ? 0 : publicExponent.toString(2).length;
    if (!isUsableRsaKey({ bits: facts.bits, exponentBits })) return undefined;
  }
  return facts && { ...facts, key };
}

function createPublicKey(format: 'spki' | 'pkcs1' | 'raw', bytes: Uint8Array): MadeKey | undefined {
  if (format === 'raw') {
    const x = view(bytes).toString('base64url');
    return { type: 'ed25519', bits: 256, key: nodeCrypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }) };
  }
  const pkcs1 = format === 'pkcs1' ? bytes : rsaKeyInSpki(bytes);
  const rsa = pkcs1 && readRsaKey(pkcs1);
  if (pkcs1 && rsa) return isUsableRsaKey(rsa) ? { type: 'rsa', bits: rsa.bits, key: createRsaKey(pkcs1) } : undefined;
  return describeKey(nodeCrypto.createPublicKey({ key: view(bytes), format: 'der', type: format }));
}

/** The key that `create` makes; undefined where what it is made of is no key. */
function makePublicKey(create: () => MadeKey | undefined): PublicKey | undefined {
  let made: MadeKey | undefined;
  try {
    made = create();
  } catch {
    return undefined;
  }
  if (!made) return undefined;
  const { type, bits, key } = made;
  const ecdsaKey = type === 'p256' || type === 'p384' ? ({ key, dsaEncoding: 'ieee-p1363' } as const) : key;
  return {
    type,
    bits,
    // Not on the thread pool: handing a check over costs more CPU time than an RSA check takes, and 35 to 150 us block nobody.
    async verify(algorithm, data, signature) {
      const { type: wanted, digest } = algorithms[algorithm];
      if (type !== wanted) return false;
      try {
        return nodeCrypto.verify(digest, data, ecdsaKey, signature);
      } catch {
        return false;
      }
    },
  };
}

export async function importPublicKey(format: 'spki' | 'pkcs1' | 'raw', bytes: Uint8Array): Promise<PublicKey | undefined> {
  return makePublicKey(() => createPublicKey(format, bytes));
}

const webCurves = { p256: 'P-256', p384: 'P-384', ed25519: 'Ed25519', ed448: 'Ed448' } as const;

function bareJwk(key: BarePublicKey): nodeCrypto.JsonWebKey {
  const base64url = (bytes: Uint8Array): string => view(bytes).toString('base64url');
  if (key.type === 'rsa') return { kty: 'RSA', n: base64url(key.modulus), e: base64url(key.exponent) };
  const crv = webCurves[key.type];
  if (key.type === 'ed25519' || key.type === 'ed448') return { kty: 'OKP', crv, x: base64url(key.bytes) };
  const half = key.type === 'p256' ? 32 : 48;
  // Coordinates of another length would be taken for numbers.
  if (key.bytes.length !== 2 * half) throw new TypeError('not a point');
  return { kty: 'EC', crv, x: base64url(key.bytes.subarray(0, half)), y: base64url(key.bytes.subarray(half)) };
}

export async function importBarePublicKey(bare: BarePublicKey): Promise<PublicKey | undefined> {
  return makePublicKey(() => describeKey(nodeCrypto.createPublicKey({ key: bareJwk(bare), format: 'jwk' })));
}

/** Node of another build than usual, as in Electron, has no Ed448: only trying tells. */
export async function supportsKeyType(type: KeyType): Promise<boolean> {
  if (type !== 'ed25519' && type !== 'ed448') return true;
  return (await importBarePublicKey({ type, bytes: edwardsIdentity[type] })) !== undefined;
}

export async function importPrivateKey(source: Uint8Array | string): Promise<PrivateKey | undefined> {
  let key: nodeCrypto.KeyObject;
  try {
    key =
      typeof source === 'string'
        ? nodeCrypto.createPrivateKey(source)
        : nodeCrypto.createPrivateKey({ key: view(source), format: 'der', type: 'pkcs8' });
  } catch {
    return undefined;
  }
  const facts = keyFacts(key);
  const type = facts?.type;
  if (type !== 'rsa' && type !== 'ed25519') return undefined;
  return {
    type,
    bits: facts?.bits ?? 0,
    sign(algorithm, data) {
      const { type: wanted, digest } = algorithms[algorithm];
      if (type !== wanted) throw new TypeError(`a key of type ${type} cannot sign ${algorithm}`);
      if (type === 'ed25519') return Promise.resolve(plain(nodeCrypto.sign(undefined, data, key)));
      // An RSA signature takes most of a millisecond: it goes to the thread pool. One by Ed25519 takes less than the way there.
      return new Promise((resolve, reject) => {
        nodeCrypto.sign(digest, data, key, (error, signature) => (error ? reject(error) : resolve(plain(signature))));
      });
    },
  };
}

export function generateKeyPair(
  type: { type: 'rsa'; bits: number } | { type: 'ed25519' },
): Promise<{ publicKey: Uint8Array; privateKey: Uint8Array }> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, publicKey: Buffer, privateKey: Buffer): void =>
      error ? reject(error) : resolve({ publicKey: plain(publicKey), privateKey: plain(privateKey) });
    if (type.type === 'rsa') nodeCrypto.generateKeyPair('rsa', { modulusLength: type.bits, ...encoding }, done);
    else nodeCrypto.generateKeyPair('ed25519', encoding, done);
  });
}
