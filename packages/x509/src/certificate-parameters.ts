import type { Random } from '@mox/runtime';
import type { CertificateKeyType } from './certificate-key.ts';

/** What a new certificate says. */
export interface CertificateParameters {
  /** Domain names in any form, with `*.` in front for a wildcard. */
  readonly names?: readonly string[];
  /** IP addresses in text. */
  readonly ips?: readonly string[];
  /** Default: the first name, where it fits into 64 characters. */
  readonly commonName?: string;
  /** Milliseconds since 1970, both inclusive. Fractions of a second are cut off. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Kind of the new key. Default: `ecdsa-p256`. */
  readonly keyType?: CertificateKeyType;
  /** A key that is there already, PEM of PKCS #8, in place of a new one. */
  readonly privateKeyPem?: string;
  /** Where the serial number is taken from. Keys come from Web Crypto in any case. */
  readonly random?: Random;
}

/** What makes a certificate one of a certification authority. */
export interface AuthorityParameters {
  readonly pathLength?: number;
  /** Domains that it may, or may not, certify (RFC 5280 §4.2.1.10). */
  readonly permittedDomains?: readonly string[];
  readonly excludedDomains?: readonly string[];
}

/** A new certificate with its key. */
export interface IssuedCertificate {
  readonly certificateDer: Uint8Array;
  readonly certificatePem: string;
  /** PKCS #8: a secret. */
  readonly privateKeyPem: string;
}

/** Who signs. */
export type CertificateIssuer = Pick<IssuedCertificate, 'certificateDer' | 'privateKeyPem'>;

/** All that a certificate is made from. */
export interface CertificateDraft extends CertificateParameters {
  readonly ca?: AuthorityParameters;
  /** Who signs; without one, the certificate's own key does. */
  readonly issuer?: CertificateIssuer;
  /** Makes it the answer to an ACME challenge (RFC 8737 §3). */
  readonly acmeIdentifier?: Uint8Array;
}

/** A request for a certificate, with the key that it is for. */
export interface CertificateRequest {
  /** DER of PKCS #10, as ACME takes it in base64url (RFC 8555 §7.4). */
  readonly requestDer: Uint8Array;
  readonly requestPem: string;
  /** PKCS #8: a secret. */
  readonly privateKeyPem: string;
}

/** What a request asks for. */
export interface CertificateRequestParameters {
  readonly names?: readonly string[];
  readonly ips?: readonly string[];
  readonly commonName?: string;
  readonly keyType?: CertificateKeyType;
  readonly privateKeyPem?: string;
}
