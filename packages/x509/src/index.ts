export { type Certificate, type CertificateLimits, parseCertificate, parseCertificates } from './certificate.ts';
export type { CertificateKey, CertificateKeyType } from './certificate-key.ts';
export type {
  AuthorityParameters,
  CertificateIssuer,
  CertificateParameters,
  CertificateRequest,
  CertificateRequestParameters,
  IssuedCertificate,
} from './certificate-parameters.ts';
export { createCertificateRequest } from './certificate-request.ts';
export { type PathParameters, type PathResult, type TrustAnchor, verifyCertificationPath } from './certification-path.ts';
export { commonNameOf, type DistinguishedName, equalNames } from './distinguished-name.ts';
export { X509Error, type X509ErrorCode } from './errors.ts';
export { type CertificateExtension, extensionOids, type KeyUsage, type SubjectNames } from './extensions.ts';
export { generateCertificateKey } from './generate-certificate-key.ts';
export { createAcmeCertificate, createCertificateAuthority, createSelfSignedCertificate, issueCertificate } from './issue-certificate.ts';
export { type CertificateNames, type MatchOptions, matchHostname } from './match-hostname.ts';
export { type ConstrainedNames, findForbiddenName, type NameConstraints, type Subtrees } from './name-constraints.ts';
export { formatPem, type PemBlock, parsePem } from './pem.ts';
export { type CertificatePublicKey, parsePublicKey } from './public-key.ts';
export { serverEndPointBinding, serverEndPointHash } from './server-end-point.ts';
export type { SignatureAlgorithm } from './signature-algorithm.ts';
export { verifySignature } from './verify-signature.ts';
