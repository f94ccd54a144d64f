import type { CertificateFailure } from '@mox/mtasts';
import type { TlsInfo } from '@mox/runtime';
import { matchHostname, parseCertificate } from '@mox/x509';
import type { SessionFacts } from './host-policy.ts';

const nameMismatch = 'ERR_TLS_CERT_ALTNAME_INVALID';

/**
 * Whether the certificate of a session is valid for a host by PKIX: it has not expired, leads to a trusted root and has the name of the
 * host (RFC 8461 §4.2). The name asked for by SNI may have been another, that of the TLSA records.
 */
export function judgeCertificate(host: string, tls: TlsInfo | undefined): SessionFacts['pkix'] {
  const peer = tls?.peerCertificate;
  if (!peer) return { valid: false, problem: 'there is no certificate' };
  const failed = (failure: CertificateFailure, problem: string): SessionFacts['pkix'] => ({ valid: false, failure, problem });
  if (!peer.trusted && peer.problem !== nameMismatch) {
    const failure = peer.problem === 'CERT_HAS_EXPIRED' ? 'certificate-expired' : 'certificate-not-trusted';
    return failed(failure, peer.problem ?? 'not trusted');
  }
  const parsed = parseCertificate(peer.der);
  if (!parsed.ok) return failed('certificate-not-trusted', `it cannot be read: ${parsed.error.message}`);
  const name = matchHostname(parsed.value, host);
  return name === undefined ? failed('certificate-host-mismatch', `it has no name that ${host} matches`) : { valid: true };
}
