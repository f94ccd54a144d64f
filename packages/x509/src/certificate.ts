import { equalBytes } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';
import { DerReader, derTags } from './der-reader.ts';
import { commonNameOf, type DistinguishedName, readDistinguishedName } from './distinguished-name.ts';
import { type CertificateExtension, type ExtensionFacts, interpretExtensions, readExtensions } from './extensions.ts';
import { isPemText, parsePem } from './pem.ts';
import { type CertificatePublicKey, readPublicKey } from './public-key.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts';

/** A certificate (RFC 5280 §4.1), read but not judged. Byte arrays are views into `der`. */
export interface Certificate extends Readonly<ExtensionFacts> {
  readonly der: Uint8Array;
  /** The part that is signed. */
  readonly tbs: Uint8Array;
  /** 1 to 3. */
  readonly version: number;
  /** Big-endian. */
  readonly serialNumber: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** The subject's common name, which is no name of a host any more (RFC 9525 §2), only of old. */
  readonly commonName?: string;
  /** Milliseconds since 1970, both inclusive (RFC 5280 §4.1.2.5). */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: CertificatePublicKey;
  readonly extensions: readonly CertificateExtension[];
  /** Identifiers of the known extensions that cannot be read or are there twice: the certificate is not to be trusted for anything they rule. */
  readonly unreadableExtensions: readonly string[];
}

/** Limits on what is looked at. */
export interface CertificateLimits {
  /** Largest certificate. Default: 65536. */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 65536;

function readVersion(tbs: DerReader): number {
  const tagged = tbs.optional(0xa0)?.contents;
  return tagged ? tagged.smallInteger('a version') + 1 : 1;
}

type Signed = Omit<Certificate, 'der' | 'tbs' | 'signature' | 'signatureAlgorithm'>;

/** Reads TBSCertificate (RFC 5280 §4.1.2). */
function readSigned(tbs: DerReader): Signed & { readonly algorithmDer: Uint8Array } {
  const version = readVersion(tbs);
  const serialNumber = tbs.integerBytes('a serial number');
  const algorithmDer = tbs.take(derTags.sequence, 'a signature algorithm').der;
  const issuer = readDistinguishedName(tbs, 'the issuer');
  const validity = tbs.sequence('the validity');
  const notBefore = validity.time('the start of validity');
  const notAfter = validity.time('the end of validity');
  const subject = readDistinguishedName(tbs, 'the subject');
  const publicKey = readPublicKey(tbs);
  tbs.optional(0x81);
  tbs.optional(0x82);
  const tagged = tbs.optional(0xa3)?.contents;
  const extensions = tagged ? readExtensions(tagged) : [];
  tbs.expectEnd();
  const { facts, unreadable } = interpretExtensions(extensions);
  const commonName = commonNameOf(subject);
  const rest = { publicKey, extensions, unreadableExtensions: unreadable, ...(commonName === undefined ? {} : { commonName }) };
  return { version, serialNumber, issuer, subject, notBefore, notAfter, algorithmDer, ...rest, ...facts };
}

function parseDer(der: Uint8Array): Result<Certificate> {
  const outer = new DerReader(der);
  const certificate = outer.sequence('a certificate');
  outer.expectEnd();
  const tbs = certificate.take(derTags.sequence, 'the signed part of a certificate');
  const { algorithmDer, ...signed } = readSigned(tbs.contents);
  const algorithm = certificate.take(derTags.sequence, 'a signature algorithm');
  // RFC 5280 §4.1.1.2: the algorithm is named inside the signature too, and must be the same.
  if (!equalBytes(algorithm.der, algorithmDer)) certificate.fail('two different signature algorithms');
  const signature = certificate.bitString('a signature');
  certificate.expectEnd();
  const signatureAlgorithm = readSignatureAlgorithm(new DerReader(algorithm.der));
  if (outer.fault) return { ok: false, error: outer.fault };
  return ok({ der, tbs: tbs.der, signature, signatureAlgorithm, ...signed });
}

function parseBoundedDer(der: Uint8Array, maxBytes: number): Result<Certificate> {
  if (isPemText(der)) return parseError(0, 'PEM in bytes, where DER was expected: hand PEM over as text');
  return der.length > maxBytes ? parseError(maxBytes, 'a certificate that is too large') : parseDer(der);
}

/**
 * Reads a certificate: DER in bytes, or PEM as text, of which the first certificate counts (RFC 5280 §4.1, RFC 7468 §5).
 * Offsets of errors are into the DER.
 */
export function parseCertificate(input: Uint8Array | string, limits: CertificateLimits = {}): Result<Certificate> {
  const { maxBytes = defaultMaxBytes } = limits;
  if (typeof input !== 'string') return parseBoundedDer(input, maxBytes);
  const blocks = parsePem(input);
  if (!blocks.ok) return blocks;
  const block = blocks.value.find(({ label }) => label === 'CERTIFICATE');
  return block ? parseBoundedDer(block.bytes, maxBytes) : parseError(0, 'no certificate in the PEM text');
}

/** Reads all certificates of a PEM text, e.g. a server's chain; the first that cannot be read fails it. */
export function parseCertificates(pem: string, limits: CertificateLimits = {}): Result<readonly Certificate[]> {
  const blocks = parsePem(pem);
  if (!blocks.ok) return blocks;
  const certificates: Certificate[] = [];
  for (const { label, bytes } of blocks.value) {
    if (label !== 'CERTIFICATE') continue;
    const parsed = parseBoundedDer(bytes, limits.maxBytes ?? defaultMaxBytes);
    if (!parsed.ok) return parsed;
    certificates.push(parsed.value);
  }
  return ok(certificates);
}
