// The platform door on Node. platform-web.ts is its twin: same exports, web standards.
import * as nodeCrypto from 'node:crypto';
import { promisify } from 'node:util';
import type { Hash, HashAlgorithm, PrivateKey, PublicKey, SignatureAlgorithm } from './crypto.ts';

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

/** A text with one character for each byte, U+0000 to U+00FF. */
export function toLatin1(bytes: Uint8Array, start?: number, end?: number): string {
  return view(bytes).toString('latin1', start, end);
}

/** Base64 with padding, on one line. */
export function toBase64(bytes: Uint8Array): string {
  return view(bytes).toString('base64');
}

/** Bytes of base64 whose padding, if any, is at its end; what is not of the alphabet is passed over. */
export function fromBase64(base64: Uint8Array | string): Uint8Array | undefined {
  return plain(Buffer.from(typeof base64 === 'string' ? base64 : view(base64).toString('latin1'), 'base64'));
}

export function createHash(algorithm: HashAlgorithm): Hash {
  const hash = nodeCrypto.createHash(algorithm);
  const wrapped: Hash = {
    update(bytes) {
      hash.update(bytes);
      return wrapped;
    },
    digest: () => plain(hash.digest()),
  };
  return wrapped;
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

/** Names of the digests as OpenSSL takes them; Ed25519 brings its own. */
const digests: Readonly<Record<SignatureAlgorithm, string | undefined>> = {
  'rsa-sha1': 'sha1',
  'rsa-sha256': 'sha256',
  'rsa-sha512': 'sha512',
  ed25519: undefined,
};

function keyFacts(key: nodeCrypto.KeyObject): { type: 'rsa' | 'ed25519'; bits: number } | undefined {
  if (key.asymmetricKeyType === 'ed25519') return { type: 'ed25519', bits: 256 };
  if (key.asymmetricKeyType === 'rsa') return { type: 'rsa', bits: key.asymmetricKeyDetails?.modulusLength ?? 0 };
  return undefined;
}

function fits(type: 'rsa' | 'ed25519', algorithm: SignatureAlgorithm): boolean {
  return (type === 'ed25519') === (algorithm === 'ed25519');
}

function createPublicKey(format: 'spki' | 'pkcs1' | 'raw', bytes: Uint8Array): nodeCrypto.KeyObject {
  if (format !== 'raw') return nodeCrypto.createPublicKey({ key: view(bytes), format: 'der', type: format });
  return nodeCrypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: view(bytes).toString('base64url') }, format: 'jwk' });
}

export async function importPublicKey(format: 'spki' | 'pkcs1' | 'raw', bytes: Uint8Array): Promise<PublicKey | undefined> {
  let key: nodeCrypto.KeyObject;
  try {
    key = createPublicKey(format, bytes);
  } catch {
    return undefined;
  }
  const facts = keyFacts(key);
  if (!facts) return undefined;
  return {
    ...facts,
    async verify(algorithm, data, signature) {
      if (!fits(facts.type, algorithm)) return false;
      try {
        return nodeCrypto.verify(digests[algorithm], data, key, signature);
      } catch {
        return false;
      }
    },
  };
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
  if (!facts) return undefined;
  return {
    ...facts,
    sign(algorithm, data) {
      if (!fits(facts.type, algorithm)) throw new TypeError(`a key of type ${facts.type} cannot sign ${algorithm}`);
      // An RSA signature takes most of a millisecond: it goes to the thread pool.
      return new Promise((resolve, reject) => {
        nodeCrypto.sign(digests[algorithm], data, key, (error, signature) => (error ? reject(error) : resolve(plain(signature))));
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
