import { parseDomain } from '@mox/idna';
import { equalIps, parseIp } from '@mox/syntax';
import type { Certificate } from './certificate.ts';

/** What `matchHostname` looks at of a certificate. */
export type CertificateNames = Pick<Certificate, 'names' | 'commonName'>;

/** How host names are matched. */
export interface MatchOptions {
  /** Takes the common name where the certificate has no DNS name, as RFC 6125 §6.4.4 allowed and RFC 9525 §2 no longer does. Default: false. */
  readonly commonName?: boolean;
}

/** Whether a presented DNS name, perhaps with a wildcard as its whole first label, covers a host (RFC 9525 §6.3). Both in A-labels, lower case. */
function covers(presented: string, host: string): boolean {
  if (!presented.includes('*')) return presented === host;
  const rest = presented.slice(2);
  // RFC 9525 §6.3: one "*" that is all of the left-most label and stands for one label. Nothing may be covered right below a top-level domain.
  if (!presented.startsWith('*.') || rest.includes('*') || !rest.includes('.')) return false;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot + 1) === rest;
}

function presentedNames(certificate: CertificateNames, options: MatchOptions): readonly string[] {
  const { names, commonName } = certificate;
  if (names.dns.length > 0 || !options.commonName || commonName === undefined) return names.dns;
  return [commonName];
}

/**
 * The name of a certificate that covers a host, or undefined where none does (RFC 9525 §6). The host is a domain name in any form, or an IP
 * address in text, which matches addresses alone (RFC 9525 §6.5).
 */
export function matchHostname(certificate: CertificateNames, host: string, options: MatchOptions = {}): string | undefined {
  const address = parseIp(host.replace(/^\[(.*)\]$/, '$1'));
  if (address) {
    return certificate.names.ip.find((text) => {
      const presented = parseIp(text);
      return presented !== undefined && equalIps(presented, address);
    });
  }
  const domain = parseDomain(host, { trailingDot: true, underscore: true });
  if (!domain.ok) return undefined;
  const { ascii } = domain.value;
  return presentedNames(certificate, options).find((name) => covers(name.toLowerCase(), ascii));
}
