import type { Certificate } from './certificate.ts';
import { DerReader } from './der-reader.ts';
import { type CertificatePublicKey, parsePublicKey } from './public-key.ts';
import type { SignatureAlgorithm } from './signature-algorithm.ts';

const webHashes: Readonly<Record<string, string>> = { sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };
const fieldBytes = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const;

interface Verification {
  readonly keyAlgorithm: string | { readonly name: string; readonly hash?: string; readonly namedCurve?: string };
  readonly algorithm: string | { readonly name: string; readonly hash?: string; readonly saltLength?: number };
  /** The signature in the form of Web Crypto. */
  readonly signature: Uint8Array;
}

/** r and s one after the other, each as long as the curve's field, out of their DER, as Web Crypto wants them. */
function rawEcdsaSignature(der: Uint8Array, size: number): Uint8Array | undefined {
  const reader = new DerReader(der);
  const sequence = reader.sequence('an ECDSA signature');
  const raw = new Uint8Array(2 * size);
  for (const end of [size, 2 * size]) {
    const bytes = sequence.integerBytes('a number of the signature');
    const start = bytes.findIndex((byte) => byte !== 0);
    const number = start < 0 ? bytes.subarray(bytes.length) : bytes.subarray(start);
    if (number.length > size) return undefined;
    raw.set(number, end - number.length);
  }
  sequence.expectEnd();
  return reader.fault ? undefined : raw;
}

/** How a signature is checked by Web Crypto; undefined where key and algorithm do not fit, or are not known. */
function planVerification(algorithm: SignatureAlgorithm, key: CertificatePublicKey, signature: Uint8Array): Verification | undefined {
  const hash = webHashes[algorithm.hash ?? ''];
  if (algorithm.key === 'ed25519' && key.type === 'ed25519') return { keyAlgorithm: 'Ed25519', algorithm: 'Ed25519', signature };
  if (hash === undefined) return undefined;
  if (algorithm.key === 'rsa' && key.type === 'rsa')
    return { keyAlgorithm: { name: 'RSASSA-PKCS1-v1_5', hash }, algorithm: 'RSASSA-PKCS1-v1_5', signature };
  if (algorithm.key === 'rsa-pss' && key.type === 'rsa') {
    const saltLength = algorithm.saltLengthBytes ?? 20;
    return { keyAlgorithm: { name: 'RSA-PSS', hash }, algorithm: { name: 'RSA-PSS', saltLength }, signature };
  }
  if (algorithm.key !== 'ecdsa' || key.curve === undefined) return undefined;
  const raw = rawEcdsaSignature(signature, fieldBytes[key.curve]);
  return raw && { keyAlgorithm: { name: 'ECDSA', namedCurve: key.curve }, algorithm: { name: 'ECDSA', hash }, signature: raw };
}

/** Web Crypto takes only arrays over an ArrayBuffer of their own. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/**
 * Whether a certificate was signed by a key (RFC 5280 §6.1.3 (a) (1)): RSA (PKCS #1 v1.5 and PSS), ECDSA on the NIST curves, Ed25519.
 * False as well for an algorithm that is not known, MD5 among them, and for a key that cannot be used.
 */
export async function verifySignature(
  certificate: Pick<Certificate, 'tbs' | 'signature' | 'signatureAlgorithm'>,
  issuer: CertificatePublicKey | Uint8Array,
): Promise<boolean> {
  const key = issuer instanceof Uint8Array ? parsePublicKey(issuer) : issuer;
  const plan = key && planVerification(certificate.signatureAlgorithm, key, certificate.signature);
  if (!key || !plan) return false;
  const { subtle } = globalThis.crypto;
  try {
    const imported = await subtle.importKey('spki', own(key.spki), plan.keyAlgorithm, false, ['verify']);
    return await subtle.verify(plan.algorithm, imported, own(plan.signature), own(certificate.tbs));
  } catch {
    return false; // Web Crypto rejects what is no key of this type, which is the peer's doing
  }
}
