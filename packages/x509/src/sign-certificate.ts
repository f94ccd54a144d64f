import { type Random, systemRandom } from '@mox/runtime';
import { unwrap } from '@mox/syntax';
import * as asn1js from 'asn1js';
import { AttributeTypeAndValue, type Extension, Certificate as PkijsCertificate, type RelativeDistinguishedNames } from 'pkijs';
import { parseCertificate } from './certificate.ts';
import type { CertificateDraft, CertificateIssuer, IssuedCertificate } from './certificate-parameters.ts';
import { X509Error } from './errors.ts';
import { generateLoadedKey, type LoadedKey, loadKey } from './loaded-key.ts';
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

function purposeExtensions({ ca, acmeIdentifier: digest }: CertificateDraft): Extension[] {
  if (digest) return [acmeIdentifier(digest)];
  if (!ca) return [keyUsage(['digitalSignature', 'keyEncipherment']), extendedKeyUsage([serverAuth, clientAuth])];
  const { permittedDomains = [], excludedDomains = [] } = ca;
  const constraints = permittedDomains.length + excludedDomains.length > 0 ? [nameConstraints(permittedDomains, excludedDomains)] : [];
  return [keyUsage(['keyCertSign', 'cRLSign']), ...constraints];
}

/** Makes a certificate and signs it. */
export async function signCertificate(draft: CertificateDraft): Promise<IssuedCertificate> {
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
    ...purposeExtensions(draft),
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
