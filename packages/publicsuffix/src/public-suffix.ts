import type { Domain } from '@mox/idna';
import { getDomain, getPublicSuffix } from 'tldts';

/** Which part of the Public Suffix List counts. */
export interface PublicSuffixOptions {
  /**
   * Whether suffixes count that their owners listed, such as `github.io`, beside those of registries; true unless said
   * otherwise, as two customers of such an owner are no more one organization than two of a registry are.
   */
  readonly privateSection?: boolean;
}

/** What of a URL parser's work is not wanted: the input is a domain name already. */
const lookup = { extractHostname: false, validateHostname: false, mixedInputs: false, detectSpecialUse: false } as const;
const withPrivate = { ...lookup, allowPrivateDomains: true };
const withoutPrivate = { ...lookup, allowPrivateDomains: false };

function tldtsOptions(options: PublicSuffixOptions | undefined): typeof withPrivate {
  return options?.privateSection === false ? withoutPrivate : withPrivate;
}

/** The last labels of a domain, in both its forms. */
function lastLabels(domain: Domain, ascii: string): Domain {
  if (ascii.length === domain.ascii.length) return domain;
  if (domain.ascii === domain.unicode) return { ascii, unicode: ascii };
  let labels = 1;
  for (let at = ascii.indexOf('.'); at >= 0; at = ascii.indexOf('.', at + 1)) labels++;
  let start = domain.unicode.length;
  for (; labels > 0; labels--) start = domain.unicode.lastIndexOf('.', start - 1);
  return { ascii, unicode: domain.unicode.slice(start + 1) };
}

/**
 * The organizational domain of a domain by the Public Suffix List: the public suffix and one label more (RFC 7489 §3.2). Undefined
 * for a public suffix itself and for an IP address.
 */
export function organizationalDomain(domain: Domain, options?: PublicSuffixOptions): Domain | undefined {
  const ascii = getDomain(domain.ascii, tldtsOptions(options));
  return ascii === null ? undefined : lastLabels(domain, ascii);
}

/** The longest suffix of a domain under which anyone may register; its last label where no rule fits. Undefined for an IP address. */
export function publicSuffix(domain: Domain, options?: PublicSuffixOptions): Domain | undefined {
  const ascii = getPublicSuffix(domain.ascii, tldtsOptions(options));
  return ascii === null ? undefined : lastLabels(domain, ascii);
}

/** Whether a domain is itself a public suffix; so is every name of one label. */
export function isPublicSuffix(domain: Domain, options?: PublicSuffixOptions): boolean {
  return getPublicSuffix(domain.ascii, tldtsOptions(options)) === domain.ascii;
}
