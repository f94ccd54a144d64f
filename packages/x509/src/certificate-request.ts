import type { CertificateRequest, CertificateRequestParameters } from './certificate-parameters.ts';

/**
 * Makes a request for a certificate (PKCS #10) of some names, signed by a new key or the one given.
 * @throws X509Error `bad-parameter` where there is no name, or a name is none; `bad-key` for a key that cannot be used.
 */
export async function createCertificateRequest(parameters: CertificateRequestParameters): Promise<CertificateRequest> {
  const { signRequest } = await import('./sign-request.ts'); // as in issue-certificate.ts
  return await signRequest(parameters);
}
