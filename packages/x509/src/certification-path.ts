import { equalBytes } from '@mox/runtime';
import type { Certificate } from './certificate.ts';
import { findPolicyFault } from './certificate-policies.ts';
import { equalNames } from './distinguished-name.ts';
import { extensionOids, isKnownExtension, type KeyUsage } from './extensions.ts';
import { type ConstrainedNames, findForbiddenName } from './name-constraints.ts';
import type { CertificatePublicKey } from './public-key.ts';
import { verifySignature } from './verify-signature.ts';

/** Whom a path must lead to (RFC 5280 §6.1.1 (d)): a certificate, or a key alone. */
export type TrustAnchor = Certificate | { readonly publicKey: CertificatePublicKey };

/** Whether a path was found, and if not, what stood in the way of the one that got furthest. */
export type PathResult =
  | {
      readonly status: 'valid';
      /** From the certificate to the one that the anchor signed, or that is the anchor. */
      readonly path: readonly Certificate[];
      readonly anchor: TrustAnchor;
    }
  | { readonly status: 'invalid'; readonly problem: string };

/** What a path is searched among. */
export interface PathParameters {
  readonly certificate: Certificate;
  /** Others to build a path from, in any order. */
  readonly intermediates: readonly Certificate[];
  readonly anchors: readonly TrustAnchor[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Purpose that the certificate must serve, by object identifier. Default: TLS servers. */
  readonly purpose?: string;
  /** Shortest RSA key of a certificate on the path. Default: 2048 (RFC 9325 §4.5). */
  readonly minRsaBits?: number;
  /** Longest path, anchor not counted. Default: 8. */
  readonly maxLength?: number;
  /** Further demands on a path, e.g. that it leads through some authority: the search goes on where it says no. */
  readonly accept?: (path: readonly Certificate[], anchor: TrustAnchor) => boolean;
  /** Most signatures that are checked. Default: 64. */
  readonly maxSignatures?: number;
}

const tlsServers = '1.3.6.1.5.5.7.3.1';
const defaultMinRsaBits = 2048;
const anyPurpose = '2.5.29.37.0';

function isCertificate(anchor: TrustAnchor): anchor is Certificate {
  return 'der' in anchor;
}

/** What is wrong with a certificate wherever it stands (RFC 5280 §6.1.3 and §6.1.4). */
function findFault(certificate: Certificate, now: number): string | undefined {
  const { subject, extensions, unreadableExtensions, version } = certificate;
  const name = subject.text || 'a certificate without a name';
  if (now < certificate.notBefore) return `${name} is not valid yet`;
  if (now > certificate.notAfter) return `${name} has expired`;
  if (version < 3 && extensions.length > 0) return `${name} has extensions, which its version does not know`;
  if (unreadableExtensions.length > 0) return `${name} has extensions that cannot be read: ${unreadableExtensions.join(', ')}`;
  const unknown = extensions.find(({ oid, critical }) => critical && !isKnownExtension(oid));
  return unknown && `${name} has a critical extension that is not known: ${unknown.oid}`;
}

/** Whether a signature proves nothing any more (RFC 9325 §4.5: no SHA-1, no MD5). */
function isWeak(certificate: Certificate): boolean {
  const { hash } = certificate.signatureAlgorithm;
  return hash === 'sha1' || hash === 'md5';
}

function findShortKey({ publicKey, subject }: Certificate, minRsaBits: number): string | undefined {
  if (publicKey.type !== 'rsa' || publicKey.bits >= minRsaBits) return undefined;
  return `${subject.text} has an RSA key of ${publicKey.bits} bits`;
}

const hostName = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)+\.?$/i;
const emailAddress = '1.2.840.113549.1.9.1';

/** All names of a certificate that constraints are about (RFC 5280 §4.2.1.10), the common name too where it may be taken for that of a host. */
function constrainedNames({ names, subject, commonName }: Certificate): ConstrainedNames {
  const hosts = names.dns.length === 0 && commonName !== undefined && hostName.test(commonName) ? [commonName] : names.dns;
  const addresses = subject.attributes.filter(({ oid }) => oid === emailAddress).map(({ value }) => value);
  const directory = subject.attributes.length > 0 ? [subject, ...names.directory] : names.directory;
  return { ...names, dns: hosts, email: [...names.email, ...addresses], directory };
}

/** What keeps a certificate from having issued those below it: `path`, from the end on (RFC 5280 §6.1.4 (h) to (n)). */
function findIssuerFault(issuer: Certificate, path: readonly Certificate[]): string | undefined {
  const name = issuer.subject.text;
  if (!issuer.isCa) return `${name} is no certification authority`;
  if (issuer.keyUsage && !issuer.keyUsage.includes('keyCertSign')) return `${name} may not sign certificates`;
  // RFC 5280 §6.1.4 (l): certificates that issuers give themselves do not count.
  const below = path.slice(1).filter((one) => !equalNames(one.subject, one.issuer)).length;
  if (issuer.pathLength !== undefined && below > issuer.pathLength)
    return `${name} may have no more than ${issuer.pathLength} issuers below it`;
  const constraints = issuer.nameConstraints;
  if (!constraints) return undefined;
  const forbidden = path
    .filter((one, index) => index === 0 || !equalNames(one.subject, one.issuer))
    .map((one) => findForbiddenName(constraints, constrainedNames(one)))
    .find((one) => one !== undefined);
  return forbidden === undefined ? undefined : `${name} may not certify ${forbidden}`;
}

function findPurposeFault(certificate: Certificate, purpose: string): string | undefined {
  const purposes = certificate.extendedKeyUsage;
  if (!purposes || purposes.includes(purpose) || purposes.includes(anyPurpose)) return undefined;
  return `${certificate.subject.text} is not for this purpose`;
}

/** RFC 5280 §4.2.1.3: what a TLS handshake does with a key (RFC 8446 §4.4.2.2, RFC 5246 §7.4.2). */
const tlsKeyUsages: readonly KeyUsage[] = ['digitalSignature', 'keyEncipherment', 'keyAgreement'];

function findKeyUsageFault({ keyUsage, subject }: Certificate, purpose: string): string | undefined {
  if (purpose !== tlsServers || !keyUsage || keyUsage.some((usage) => tlsKeyUsages.includes(usage))) return undefined;
  return `${subject.text} has a key that is not for TLS`;
}

function mayHaveIssued(issuer: Certificate, certificate: Certificate): boolean {
  if (!equalNames(issuer.subject, certificate.issuer)) return false;
  const [wanted, has] = [certificate.authorityKeyIdentifier, issuer.subjectKeyIdentifier];
  return !wanted || !has || equalBytes(wanted, has);
}

/**
 * An anchor is an authority by being trusted (RFC 5280 §6.1.1 (d)), where it does not say that it is none: as a root of version 1, which
 * cannot say so, or by a key that may sign certificates.
 */
function asAuthority(anchor: Certificate): Certificate {
  const silent = anchor.extensions.every(({ oid }) => oid !== extensionOids.basicConstraints);
  const may = anchor.version === 1 ? equalNames(anchor.subject, anchor.issuer) : anchor.keyUsage?.includes('keyCertSign') === true;
  return silent && may ? { ...anchor, isCa: true } : anchor;
}

interface Found {
  readonly path: readonly Certificate[];
  readonly anchor: TrustAnchor;
}

/** A search of paths, depth first, with one purse of signatures for all of it. */
class PathSearch {
  readonly #parameters: PathParameters;
  readonly #purpose: string;
  readonly #maxLength: number;
  #signaturesLeft: number;
  #problem = 'no issuer is known';
  #furthest = 0;

  constructor(parameters: PathParameters) {
    this.#parameters = parameters;
    this.#purpose = parameters.purpose ?? tlsServers;
    this.#maxLength = parameters.maxLength ?? 8;
    this.#signaturesLeft = parameters.maxSignatures ?? 64;
  }

  get problem(): string {
    return this.#problem;
  }

  #blame(length: number, problem: string): undefined {
    if (length <= this.#furthest) return undefined;
    this.#furthest = length;
    this.#problem = problem;
    return undefined;
  }

  async #signed(path: readonly Certificate[], key: CertificatePublicKey): Promise<boolean> {
    const last = path.at(-1);
    if (!last || this.#signaturesLeft-- <= 0) return false;
    if (!isWeak(last)) return await verifySignature(last, key);
    this.#blame(path.length + 0.7, `${last.subject.text} is signed by a hash that is no longer safe`);
    return false;
  }

  #findFault(certificate: Certificate): string | undefined {
    return findFault(certificate, this.#parameters.now) ?? findShortKey(certificate, this.#parameters.minRsaBits ?? defaultMinRsaBits);
  }

  /**
   * Whether an anchor vouches for the last certificate of a path. Its own validity counts too, which RFC 5280 §6.1.1 leaves open: for
   * roots every client in use does so, for other anchors, which DANE knows, not all do.
   */
  async #anchored(anchor: TrustAnchor, path: readonly Certificate[], last: Certificate): Promise<boolean> {
    if (!isCertificate(anchor))
      return equalBytes(anchor.publicKey.spki, last.publicKey.spki) || (await this.#signed(path, anchor.publicKey));
    if (equalBytes(anchor.der, last.der)) return true;
    if (!mayHaveIssued(anchor, last)) return false;
    const fault = this.#findFault(anchor) ?? findPurposeFault(anchor, this.#purpose) ?? findIssuerFault(asAuthority(anchor), path);
    if (fault !== undefined) this.#blame(path.length + 0.5, fault);
    return fault === undefined && (await this.#signed(path, anchor.publicKey));
  }

  async #ends(path: readonly Certificate[], anchor: TrustAnchor): Promise<boolean> {
    const last = path.at(-1);
    if (!last || !(await this.#anchored(anchor, path, last))) return false;
    const policyFault = findPolicyFault(isCertificate(anchor) && equalBytes(anchor.der, last.der) ? path.slice(0, -1) : path);
    if (policyFault === undefined && (this.#parameters.accept?.(path, anchor) ?? true)) return true;
    this.#blame(path.length + 0.5, policyFault ?? 'a path was found, but not one that is wanted');
    return false;
  }

  /** Goes on from a path whose last certificate was judged. */
  async extend(path: readonly Certificate[]): Promise<Found | undefined> {
    const last = path.at(-1);
    if (!last) return undefined;
    const fault = this.#findFault(last) ?? findPurposeFault(last, this.#purpose);
    const roleFault = path.length > 1 ? findIssuerFault(last, path.slice(0, -1)) : findKeyUsageFault(last, this.#purpose);
    const problem = fault ?? roleFault;
    if (problem !== undefined) return this.#blame(path.length, problem);
    for (const anchor of this.#parameters.anchors) if (await this.#ends(path, anchor)) return { path, anchor };
    if (path.length >= this.#maxLength) return this.#blame(path.length, 'the path is too long');
    this.#blame(path.length, `no trusted issuer is known for ${last.subject.text}`);
    for (const issuer of this.#parameters.intermediates) {
      if (path.some((one) => equalBytes(one.der, issuer.der)) || !mayHaveIssued(issuer, last)) continue;
      if (!(await this.#signed(path, issuer.publicKey))) {
        this.#blame(path.length + 0.5, `${last.subject.text} was not signed by ${issuer.subject.text}, or too much was asked`);
        continue;
      }
      const found = await this.extend([...path, issuer]);
      if (found) return found;
    }
    return undefined;
  }
}

/**
 * Builds a certification path from a certificate to a trust anchor and validates it (RFC 5280 §6.1): signatures, validity, basic
 * constraints, key usage, name constraints, policies that authorities demand, critical extensions. Names are matched by `matchHostname`.
 * todo RFC 5280 §6.1.3: revocation is not looked up; TLS clients of mail do not either.
 */
export async function verifyCertificationPath(parameters: PathParameters): Promise<PathResult> {
  const search = new PathSearch(parameters);
  const found = await search.extend([parameters.certificate]);
  return found ? { status: 'valid', ...found } : { status: 'invalid', problem: search.problem };
}
