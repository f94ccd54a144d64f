import type { CertificateKey, CertificateKeyType } from './certificate-key.ts';
import { generateLoadedKey } from './loaded-key.ts';

/** Makes a key pair for a certificate. */
export async function generateCertificateKey(type: CertificateKeyType = 'ecdsa-p256'): Promise<CertificateKey> {
  const { privateKeyPem, publicKey } = await generateLoadedKey(type);
  return { privateKeyPem, publicKey };
}
