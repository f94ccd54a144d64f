import { type HashAlgorithm, type KeyType, type SignatureAlgorithm, supportsKeyType } from '@mox/runtime';

/** A signature algorithm of DNSSEC. */
export interface DnssecAlgorithm {
  readonly name: string;
  readonly keyType: KeyType;
  readonly signature: SignatureAlgorithm;
}

/**
 * The algorithms that are validated, by number (RFC 8624 §3.1): RSA with SHA-1 and SHA-2 (RFC 5702 §3), ECDSA (RFC 6605 §2), and EdDSA
 * (RFC 8080 §3). A zone that is signed by none of them counts as unsigned (RFC 4035 §5.2).
 */
export const algorithms: ReadonlyMap<number, DnssecAlgorithm> = new Map<number, DnssecAlgorithm>([
  [5, { name: 'RSASHA1', keyType: 'rsa', signature: 'rsa-sha1' }],
  [7, { name: 'RSASHA1-NSEC3-SHA1', keyType: 'rsa', signature: 'rsa-sha1' }],
  [8, { name: 'RSASHA256', keyType: 'rsa', signature: 'rsa-sha256' }],
  [10, { name: 'RSASHA512', keyType: 'rsa', signature: 'rsa-sha512' }],
  [13, { name: 'ECDSAP256SHA256', keyType: 'p256', signature: 'ecdsa-p256-sha256' }],
  [14, { name: 'ECDSAP384SHA384', keyType: 'p384', signature: 'ecdsa-p384-sha384' }],
  [15, { name: 'ED25519', keyType: 'ed25519', signature: 'ed25519' }],
  [16, { name: 'ED448', keyType: 'ed448', signature: 'ed448' }],
]);

/** Hashes of DS records by digest type (RFC 8624 §3.3). */
export const digests: ReadonlyMap<number, HashAlgorithm> = new Map<number, HashAlgorithm>([
  [1, 'sha1'],
  [2, 'sha256'],
  [4, 'sha384'],
]);

/** Whether signatures of an algorithm can be checked here: all of `algorithms`, but that some platforms have no Ed448. */
export async function supportsAlgorithm(number: number): Promise<boolean> {
  const algorithm = algorithms.get(number);
  return algorithm !== undefined && supportsKeyType(algorithm.keyType);
}

/** An algorithm as words for people, e.g. `ECDSAP256SHA256`, or `algorithm 200`. */
export function formatAlgorithm(number: number): string {
  return algorithms.get(number)?.name ?? `algorithm ${number}`;
}
