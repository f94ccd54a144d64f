import { DerReader } from './der-reader.ts';
import { parsePem } from './pem.ts';

/** A public key as a certificate carries it (RFC 5280 §4.1.2.7). */
export interface CertificatePublicKey {
  /** DER of SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** Contents of its BIT STRING: what key identifiers are digests of (RFC 5280 §4.2.1.2). */
  readonly keyBytes: Uint8Array;
  readonly type: 'rsa' | 'ec' | 'ed25519' | 'ed448' | 'unknown';
  /** Bits of the RSA modulus or of the curve's field; 0 where unknown. */
  readonly bits: number;
  /** Name of the curve as in Web Crypto, for keys of type `ec`. */
  readonly curve?: 'P-256' | 'P-384' | 'P-521';
}

const curves: Readonly<Record<string, { curve: 'P-256' | 'P-384' | 'P-521'; bits: number }>> = {
  '1.2.840.10045.3.1.7': { curve: 'P-256', bits: 256 },
  '1.3.132.0.34': { curve: 'P-384', bits: 384 },
  '1.3.132.0.35': { curve: 'P-521', bits: 521 },
};

type Facts = Pick<CertificatePublicKey, 'type' | 'bits' | 'curve'>;

function modulusBits(keyBytes: Uint8Array): number {
  const modulus = new DerReader(keyBytes).sequence('an RSA key').integerBytes('a modulus');
  const start = modulus.findIndex((byte) => byte !== 0);
  if (start < 0) return 0;
  return (modulus.length - start) * 8 - (Math.clz32(modulus[start] ?? 0) - 24);
}

/** Facts of a key by its algorithm. */
const algorithms: Readonly<Record<string, (parameters: DerReader, keyBytes: Uint8Array) => Facts>> = {
  '1.2.840.113549.1.1.1': (_, keyBytes) => ({ type: 'rsa', bits: modulusBits(keyBytes) }),
  '1.2.840.10045.2.1': (parameters) => ({ type: 'ec', bits: 0, ...curves[parameters.objectIdentifier('a curve')] }),
  '1.3.101.112': () => ({ type: 'ed25519', bits: 256 }),
  '1.3.101.113': () => ({ type: 'ed448', bits: 448 }),
};

/** Reads a SubjectPublicKeyInfo (RFC 5280 §4.1). */
export function readPublicKey(reader: DerReader): CertificatePublicKey {
  const { contents, der } = reader.take(0x30, 'a public key');
  const algorithm = contents.sequence('the algorithm of a public key');
  const oid = algorithm.objectIdentifier('the algorithm of a public key');
  const keyBytes = contents.bitString('the bits of a public key');
  const facts = algorithms[oid]?.(algorithm, keyBytes) ?? { type: 'unknown', bits: 0 };
  return { spki: der, keyBytes, ...facts };
}

/** The DER of the first public key in PEM (RFC 7468 §13). */
function publicKeyOfPem(text: string): Uint8Array | undefined {
  const blocks = parsePem(text);
  return blocks.ok ? blocks.value.find(({ label }) => label === 'PUBLIC KEY')?.bytes : undefined;
}

/** Reads a SubjectPublicKeyInfo alone, DER in bytes or PEM as text; undefined where it is none. */
export function parsePublicKey(spki: Uint8Array | string): CertificatePublicKey | undefined {
  const der = typeof spki === 'string' ? publicKeyOfPem(spki) : spki;
  if (!der) return undefined;
  const reader = new DerReader(der);
  const key = readPublicKey(reader);
  reader.expectEnd();
  return reader.fault ? undefined : key;
}
