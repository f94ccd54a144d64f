// Certificate chains for tests: a root that only the client may have, an authority below it, a server below that.
import { unwrap } from '@mox/syntax';
import {
  type Certificate,
  createCertificateAuthority,
  createSelfSignedCertificate,
  type IssuedCertificate,
  issueCertificate,
  parseCertificate,
} from '@mox/x509';

export const notBefore = Date.UTC(2026, 0, 1);
export const notAfter = Date.UTC(2027, 0, 1);
export const now = Date.UTC(2026, 5, 1);
export const host = 'mx.example.org';

export interface Chains {
  readonly root: Certificate;
  readonly authority: Certificate;
  readonly server: Certificate;
  /** Server certificates with a fault each, below the same authority. */
  readonly expired: Certificate;
  readonly misnamed: Certificate;
  readonly commonNameOnly: Certificate;
  /** Known to nobody. */
  readonly stranger: Certificate;
}

export async function makeChains(): Promise<Chains> {
  const validity = { notBefore, notAfter };
  const read = ({ certificateDer }: IssuedCertificate): Certificate => unwrap(parseCertificate(certificateDer));
  const root = await createCertificateAuthority({ commonName: 'Root', ...validity });
  const authority = await createCertificateAuthority({ commonName: 'Authority', ...validity, issuer: root });
  const server = await issueCertificate({ names: [host], ...validity, issuer: authority });
  const expired = await issueCertificate({ names: [host], notBefore, notAfter: notBefore + 1000, issuer: authority });
  const misnamed = await issueCertificate({ names: ['other.example.net'], ...validity, issuer: authority });
  const commonNameOnly = await issueCertificate({ commonName: host, ...validity, issuer: authority });
  const stranger = await createSelfSignedCertificate({ names: [host], ...validity });
  return {
    root: read(root),
    authority: read(authority),
    server: read(server),
    expired: read(expired),
    misnamed: read(misnamed),
    commonNameOnly: read(commonNameOnly),
    stranger: read(stranger),
  };
}
