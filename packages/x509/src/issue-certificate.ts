import { type Random, systemRandom } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import * as asn1js from 'asn1js';
import { AttributeTypeAndValue, type Extension, Certificate as PkijsCertificate, type RelativeDistinguishedNames } from 'pkijs';
import { parseCertificate } from './certificate.ts';
import { type CertificateKeyType, generateLoadedKey, type LoadedKey, loadKey } from './certificate-key.ts';
import { X509Error } from './errors.ts';
import {
  acmeIdentifier,
  authorityKeyIdentifier,
  basicConstraints,
  buffer,
  extendedKeyUsage,
  keyIdentifier,
  keyUsage,
  nameConstraints,
  subjectAltName,
  subjectKeyIdentifier,
} from './make-extensions.ts';
import { formatPem } from './pem.ts';
import { parsePublicKey } from './public-key.ts';

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

const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';
const commonNameOid = '2.5.4.3';
const longestCommonName = 64;

/** The common name that fits, or undefined. */
export function chooseCommonName(parameters: { readonly names?: readonly string[]; readonly commonName?: string }): string | undefined {
  const name = parameters.commonName ?? parameters.names?.[0];
  return name === undefined || name.length > longestCommonName ? undefined : name;
}

/** Puts a common name into a subject or an issuer. */
export function setCommonName(target: RelativeDistinguishedNames, name: string | undefined): void {
  if (name === undefined) return;
  target.typesAndValues.push(new AttributeTypeAndValue({ type: commonNameOid, value: new asn1js.Utf8String({ value: name }) }));
}

function keyBytesOf(spki: Uint8Array): Uint8Array {
  const key = parsePublicKey(spki);
  if (!key) throw new X509Error('bad-key', 'a public key that cannot be read');
  return key.keyBytes;
}

function serialNumber(random: Random): asn1js.Integer {
  const bytes = new Uint8Array(random.bytes(16));
  // RFC 5280 §4.1.2.2: positive, and not zero; the first octet stays where DER needs no other before it.
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return new asn1js.Integer({ valueHex: bytes.buffer });
}

function setTime(target: { type: number; value: Date }, milliseconds: number): void {
  const date = new Date(Math.floor(milliseconds / 1000) * 1000);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1950)
    throw new X509Error('bad-parameter', 'a time that a certificate cannot have');
  // RFC 5280 §4.1.2.5: GeneralizedTime from 2050 on.
  target.type = date.getUTCFullYear() >= 2050 ? 1 : 0;
  target.value = date;
}

interface Draft extends CertificateParameters {
  readonly ca?: AuthorityParameters | undefined;
  readonly issuer?: CertificateIssuer | undefined;
  /** Extensions in place of the usual ones of a server or client. */
  readonly purpose?: readonly Extension[];
}

function usualPurpose(ca: AuthorityParameters | undefined): Extension[] {
  if (!ca) return [keyUsage(['digitalSignature', 'keyEncipherment']), extendedKeyUsage([serverAuth, clientAuth])];
  const { permittedDomains = [], excludedDomains = [] } = ca;
  const constraints = permittedDomains.length + excludedDomains.length > 0 ? [nameConstraints(permittedDomains, excludedDomains)] : [];
  return [keyUsage(['keyCertSign', 'cRLSign']), ...constraints];
}

async function sign(draft: Draft): Promise<IssuedCertificate> {
  const { names = [], ips = [], ca, issuer } = draft;
  const key: LoadedKey =
    draft.privateKeyPem === undefined ? await generateLoadedKey(draft.keyType ?? 'ecdsa-p256') : await loadKey(draft.privateKeyPem);
  const signer = issuer ? await loadKey(issuer.privateKeyPem) : key;
  const commonName = chooseCommonName(draft);
  const keyBytes = keyBytesOf(key.publicKey);
  const certificate = new PkijsCertificate();
  certificate.version = 2;
  certificate.serialNumber = serialNumber(draft.random ?? systemRandom);
  setCommonName(certificate.subject, commonName);
  if (issuer) certificate.issuer.fromSchema(PkijsCertificate.fromBER(buffer(issuer.certificateDer)).subject.toSchema());
  else setCommonName(certificate.issuer, commonName);
  setTime(certificate.notBefore, draft.notBefore);
  setTime(certificate.notAfter, draft.notAfter);
  certificate.extensions = [
    basicConstraints(ca),
    ...(draft.purpose ?? usualPurpose(ca)),
    subjectKeyIdentifier(keyBytes),
    ...(issuer ? [authorityKeyIdentifier(issuerKeyIdentifier(issuer, signer))] : []),
    ...(names.length + ips.length > 0 ? [subjectAltName(names, ips, { critical: commonName === undefined })] : []),
  ];
  await certificate.subjectPublicKeyInfo.importKey(key.pair.publicKey);
  await certificate.sign(signer.pair.privateKey, 'SHA-256');
  const certificateDer = new Uint8Array(certificate.toSchema(true).toBER(false));
  return { certificateDer, certificatePem: formatPem({ label: 'CERTIFICATE', bytes: certificateDer }), privateKeyPem: key.privateKeyPem };
}

function issuerKeyIdentifier(issuer: CertificateIssuer, signer: LoadedKey): Uint8Array {
  // RFC 5280 §4.2.1.1: what the issuer's certificate calls its key.
  const parsed = unwrap(parseCertificate(issuer.certificateDer));
  return parsed.subjectKeyIdentifier ?? keyIdentifier(keyBytesOf(signer.publicKey));
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
  return sign({ ...rest, ca, issuer });
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
  return sign({ names: [name], notBefore, notAfter, purpose: [acmeIdentifier(keyAuthorizationDigest)] });
}
