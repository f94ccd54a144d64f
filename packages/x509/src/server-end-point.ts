import { hash } from '@mox/runtime';
import { type Certificate, parseCertificate } from './certificate.ts';

/**
 * Hash that binding data of the type tls-server-end-point are made by (RFC 5929 §4.1): that of the certificate's signature, or SHA-256 where
 * that is MD5 or SHA-1. Undefined where the signature has no single hash (Ed25519), or it is not known.
 */
export function serverEndPointHash(certificate: Pick<Certificate, 'signatureAlgorithm'>): 'sha256' | 'sha384' | 'sha512' | undefined {
  const algorithm = certificate.signatureAlgorithm.hash;
  return algorithm === 'md5' || algorithm === 'sha1' ? 'sha256' : algorithm;
}

/** Binding data of the type tls-server-end-point for a server's certificate (RFC 5929 §4.1); undefined where it has none or cannot be read. */
export function serverEndPointBinding(der: Uint8Array): Uint8Array | undefined {
  const certificate = parseCertificate(der);
  const algorithm = certificate.ok ? serverEndPointHash(certificate.value) : undefined;
  return algorithm && hash(algorithm, der);
}
