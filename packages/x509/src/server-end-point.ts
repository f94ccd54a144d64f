import { hash } from '@mox/runtime';
import { parseCertificate } from './certificate.ts';

/**
 * Binding data of the type tls-server-end-point (RFC 5929 §4.1): the hash of the server's certificate, by the hash of its signature, or by
 * SHA-256 where that is MD5 or SHA-1. Undefined where the signature has no single hash (Ed25519), or the certificate cannot be read.
 */
export function serverEndPointBinding(der: Uint8Array): Uint8Array | undefined {
  const certificate = parseCertificate(der);
  const algorithm = certificate.ok ? certificate.value.signatureAlgorithm.hash : undefined;
  if (algorithm === undefined) return undefined;
  return hash(algorithm === 'md5' || algorithm === 'sha1' ? 'sha256' : algorithm, der);
}
