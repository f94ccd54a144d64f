import type {
  AuthorityParameters,
  CertificateDraft,
  CertificateIssuer,
  CertificateParameters,
  IssuedCertificate,
} from './certificate-parameters.ts';

async function sign(draft: CertificateDraft): Promise<IssuedCertificate> {
  // pkijs takes longer to load than most programs to start, and few of them make certificates.
  const { signCertificate } = await import('./sign-certificate.ts');
  return await signCertificate(draft);
}

/** Makes a certificate for servers and clients that nobody but itself vouches for. */
export function createSelfSignedCertificate(parameters: CertificateParameters): Promise<IssuedCertificate> {
  return sign(parameters);
}

/** Makes the certificate of a certification authority: a root, or one below the given issuer. */
export function createCertificateAuthority(
  parameters: CertificateParameters & AuthorityParameters & { readonly commonName: string; readonly issuer?: CertificateIssuer },
): Promise<IssuedCertificate> {
  const { issuer, pathLength, permittedDomains, excludedDomains, ...rest } = parameters;
  const ca = {
    ...(pathLength === undefined ? {} : { pathLength }),
    ...(permittedDomains ? { permittedDomains } : {}),
    ...(excludedDomains ? { excludedDomains } : {}),
  };
  return sign({ ...rest, ca, ...(issuer ? { issuer } : {}) });
}

/** Makes a certificate for servers and clients, signed by an authority. */
export function issueCertificate(parameters: CertificateParameters & { readonly issuer: CertificateIssuer }): Promise<IssuedCertificate> {
  return sign(parameters);
}

/**
 * Makes the certificate that answers an ACME challenge of type tls-alpn-01 (RFC 8737 §3).
 * `keyAuthorizationDigest` is SHA-256 of the key authorization.
 */
export function createAcmeCertificate(parameters: {
  readonly name: string;
  readonly keyAuthorizationDigest: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
}): Promise<IssuedCertificate> {
  const { name, keyAuthorizationDigest, notBefore, notAfter } = parameters;
  return sign({ names: [name], notBefore, notAfter, acmeIdentifier: keyAuthorizationDigest });
}
