import type { RecordData } from '@mox/dns';
import { equalBytes, hash, toHex } from '@mox/runtime';
import { hexValue, isDigit, ok, parseError, type Result, TextCursor } from '@mox/syntax';
import { type Certificate, parseCertificate, parsePublicKey } from '@mox/x509';
import { DaneError } from './errors.ts';

/** A certificate association (RFC 6698 §2.1). Numbers that are not known are kept, for they may come. */
export type TlsaRecord = RecordData['TLSA'];

/** Names of the certificate usages (RFC 7218 §2.1), by number. */
export const usageNames: readonly string[] = ['PKIX-TA', 'PKIX-EE', 'DANE-TA', 'DANE-EE'];
const selectorNames = ['Cert', 'SPKI'];
const matchingNames = ['Full', 'SHA2-256', 'SHA2-512'];

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

function parseOctet(cursor: TextCursor, what: string): Result<number> {
  cursor.skipWhile(isSpace);
  const start = cursor.at;
  const digits = cursor.takeWhile(isDigit);
  const value = Number(digits);
  return digits === '' || digits.length > 3 || value > 255 ? parseError(start, `${what} is a number from 0 to 255`) : ok(value);
}

function parseHex(cursor: TextCursor): Result<Uint8Array> {
  const bytes: number[] = [];
  let high = -1;
  for (; !cursor.done; cursor.at++) {
    const code = cursor.peek();
    if (isSpace(code)) continue;
    const value = hexValue(code);
    if (value < 0) return parseError(cursor.at, 'a hexadecimal digit was expected');
    if (high >= 0) bytes.push(high * 16 + value);
    high = high < 0 ? value : -1;
  }
  return high < 0 && bytes.length > 0 ? ok(Uint8Array.from(bytes)) : parseError(cursor.at, 'hexadecimal digits in pairs were expected');
}

/** Reads the presentation form of a record's data: three numbers and hexadecimal digits, perhaps with spaces among them (RFC 6698 §2.2). */
export function parseTlsaRecord(text: string): Result<TlsaRecord> {
  const cursor = new TextCursor(text);
  const numbers: number[] = [];
  for (const what of ['the certificate usage', 'the selector', 'the matching type']) {
    const number = parseOctet(cursor, what);
    if (!number.ok) return number;
    numbers.push(number.value);
  }
  if (!cursor.done && !isSpace(cursor.peek())) return parseError(cursor.at, 'a space was expected');
  const association = parseHex(cursor);
  if (!association.ok) return association;
  const [usage = 0, selector = 0, matchingType = 0] = numbers;
  return ok({ usage, selector, matchingType, association: association.value });
}

/** Writes the presentation form (RFC 6698 §2.2). */
export function formatTlsaRecord(record: TlsaRecord): string {
  return `${record.usage} ${record.selector} ${record.matchingType} ${toHex(record.association)}`;
}

/** The record's parameters by name, for people: `DANE-EE(3) SPKI(1) SHA2-256(1)` (RFC 7218 §2). */
export function describeTlsaRecord(record: TlsaRecord): string {
  const name = (names: readonly string[], number: number): string => `${names[number] ?? 'unknown'}(${number})`;
  return [name(usageNames, record.usage), name(selectorNames, record.selector), name(matchingNames, record.matchingType)].join(' ');
}

/**
 * Name that the records of a service stand at, e.g. `_25._tcp.mx.example.org` (RFC 6698 §3). The host is in A-labels.
 * @throws DaneError for a port that is none.
 */
export function tlsaName(host: string, port: number = 25): string {
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new DaneError(`${port} is no port`);
  return `_${port}._tcp.${host.replace(/\.$/, '')}`;
}

/** What a selector selects of a certificate (RFC 6698 §2.1.2): all of it (0) or its SubjectPublicKeyInfo (1). */
function select(selector: number, certificate: Certificate): Uint8Array | undefined {
  if (selector === 0) return certificate.der;
  return selector === 1 ? certificate.publicKey.spki : undefined;
}

function digest(matchingType: number, data: Uint8Array): Uint8Array | undefined {
  if (matchingType === 0) return data;
  if (matchingType === 1) return hash('sha256', data);
  return matchingType === 2 ? hash('sha512', data) : undefined;
}

/** The association data that a certificate has by a selector and a matching type (RFC 6698 §2.1); undefined where they are not known. */
export function associationOf(certificate: Certificate, parameters: Pick<TlsaRecord, 'selector' | 'matchingType'>): Uint8Array | undefined {
  const selected = select(parameters.selector, certificate);
  return selected && digest(parameters.matchingType, selected);
}

/** Whether a record is about this certificate, whatever its usage (RFC 6698 §2.1). */
export function matchTlsaRecord(record: TlsaRecord, certificate: Certificate): boolean {
  const association = associationOf(certificate, record);
  return association !== undefined && equalBytes(association, record.association);
}

/**
 * Makes the record to publish for a certificate (DER or PEM), or for a public key alone (`spki`, DER). The default is
 * `DANE-EE(3) SPKI(1) SHA2-256(1)`, which outlives renewals with the same key (RFC 7671 §5.1).
 * @throws DaneError for parameters that are not known, and for a selector of whole certificates where there is only a key.
 */
export function makeTlsaRecord(
  from: { readonly certificate: Uint8Array | string } | { readonly spki: Uint8Array },
  parameters: { readonly usage?: number; readonly selector?: number; readonly matchingType?: number } = {},
): Result<TlsaRecord> {
  const { usage = 3, selector = 1, matchingType = 1 } = parameters;
  if (![0, 1, 2, 3].includes(usage) || ![0, 1].includes(selector) || ![0, 1, 2].includes(matchingType))
    throw new DaneError(`${usage} ${selector} ${matchingType} are not known`);
  const selected = selectSource(from, selector);
  if (!selected.ok) return selected;
  return ok({ usage, selector, matchingType, association: digest(matchingType, selected.value) ?? selected.value });
}

function selectSource(
  from: { readonly certificate: Uint8Array | string } | { readonly spki: Uint8Array },
  selector: number,
): Result<Uint8Array> {
  if ('spki' in from) {
    if (selector !== 1) throw new DaneError('a public key alone has the selector SPKI(1)');
    return parsePublicKey(from.spki) ? ok(from.spki) : parseError(0, 'not a public key');
  }
  const certificate = parseCertificate(from.certificate);
  return certificate.ok ? ok(selector === 0 ? certificate.value.der : certificate.value.publicKey.spki) : certificate;
}
