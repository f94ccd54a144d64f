import type { CertificateKey, CertificateKeyType } from './certificate-key.ts';
import { X509Error } from './errors.ts';
import { formatPem, parsePem } from './pem.ts';

// The type of Web Crypto's pairs is no global of Node's types: no declaration of the public surface may name it.

/** A key pair as Web Crypto holds it. */
export interface LoadedKey extends CertificateKey {
  readonly pair: CryptoKeyPair;
}

const usages = ['sign', 'verify'] as const;

function ecdsa(namedCurve: 'P-256' | 'P-384' | 'P-521'): EcKeyGenParams & EcKeyImportParams {
  return { name: 'ECDSA', namedCurve };
}

const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;

function rsaParameters(modulusLength: number): RsaHashedKeyGenParams {
  return { ...rsa, modulusLength, publicExponent: Uint8Array.of(1, 0, 1) };
}

const parameters: Readonly<Record<CertificateKeyType, RsaHashedKeyGenParams | EcKeyGenParams>> = {
  'ecdsa-p256': ecdsa('P-256'),
  'ecdsa-p384': ecdsa('P-384'),
  'rsa-2048': rsaParameters(2048),
  'rsa-3072': rsaParameters(3072),
  'rsa-4096': rsaParameters(4096),
};

async function describe(pair: CryptoKeyPair): Promise<LoadedKey> {
  const { subtle } = globalThis.crypto;
  const privateKey = new Uint8Array(await subtle.exportKey('pkcs8', pair.privateKey));
  const publicKey = new Uint8Array(await subtle.exportKey('spki', pair.publicKey));
  return { privateKeyPem: formatPem({ label: 'PRIVATE KEY', bytes: privateKey }), publicKey, pair };
}

/** Makes a key pair and keeps it in the form of Web Crypto too. */
export async function generateLoadedKey(type: CertificateKeyType): Promise<LoadedKey> {
  return await describe(await globalThis.crypto.subtle.generateKey(parameters[type], true, [...usages]));
}

/** The public half of a private key: its JWK without the private numbers (RFC 7518 §6). */
async function publicHalf(privateKey: CryptoKey, algorithm: RsaHashedImportParams | EcKeyImportParams): Promise<CryptoKey> {
  const { subtle } = globalThis.crypto;
  const { kty, crv, x, y, n, e } = await subtle.exportKey('jwk', privateKey);
  const jwk = Object.fromEntries(Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined));
  return await subtle.importKey('jwk', jwk, algorithm, true, ['verify']);
}

async function tryImport(
  der: Uint8Array<ArrayBuffer>,
  algorithm: RsaHashedImportParams | EcKeyImportParams,
): Promise<LoadedKey | undefined> {
  let privateKey: CryptoKey;
  try {
    privateKey = await globalThis.crypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
  } catch {
    return undefined; // a key of another type
  }
  return await describe({ privateKey, publicKey: await publicHalf(privateKey, algorithm) });
}

/** What to do about a key in one of the older forms, which name the type of key in their first line. */
function otherForm(text: string): string {
  const label = /-----BEGIN ((?:RSA |EC |ENCRYPTED )PRIVATE KEY)-----/.exec(text)?.[1];
  return label === undefined ? '' : `, but "${label}": openssl pkcs8 -topk8 -nodes makes one of it`;
}

/**
 * Reads a private key in PEM of PKCS #8 (RFC 7468 §10).
 * @throws X509Error `bad-key` where it is none, or not RSA or ECDSA on P-256, P-384 or P-521.
 */
export async function loadKey(privateKeyPem: string): Promise<LoadedKey> {
  const blocks = parsePem(privateKeyPem);
  const block = blocks.ok ? blocks.value.find(({ label }) => label === 'PRIVATE KEY') : undefined;
  if (!block) throw new X509Error('bad-key', `no private key in PEM of PKCS #8${otherForm(privateKeyPem)}`);
  const der = new Uint8Array(block.bytes);
  for (const algorithm of [ecdsa('P-256'), ecdsa('P-384'), ecdsa('P-521'), rsa]) {
    const key = await tryImport(der, algorithm);
    if (key) return key;
  }
  throw new X509Error('bad-key', 'a private key that is neither RSA nor ECDSA on P-256, P-384 or P-521');
}
