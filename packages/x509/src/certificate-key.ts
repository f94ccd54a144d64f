/** Kinds of keys that are made here. */
export type CertificateKeyType = 'ecdsa-p256' | 'ecdsa-p384' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096';

/** A key pair for certificates. */
export interface CertificateKey {
  /** PKCS #8 in PEM: a secret. */
  readonly privateKeyPem: string;
  /** DER of SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
}
