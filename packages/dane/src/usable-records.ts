import { parseCertificate, parsePublicKey } from '@mox/x509';
import type { TlsaRecord } from './tlsa-record.ts';

/** Which records a client is ready to use. */
export interface UsabilityOptions {
  /** Certificate usages. Default: DANE-TA(2) and DANE-EE(3), as for SMTP (RFC 7672 §3.1). */
  readonly usages?: readonly number[];
  /** Matching types that are digests, the strongest first (RFC 7671 §9). Default: SHA2-512(2), SHA2-256(1). */
  readonly digests?: readonly number[];
  /** Most records that are looked at; those beyond are unusable. Default: 64. */
  readonly maxRecords?: number;
}

/** Records sorted out. */
export interface SortedRecords {
  readonly usable: readonly TlsaRecord[];
  readonly unusable: readonly { readonly record: TlsaRecord; readonly reason: string; readonly rfc: string }[];
}

/** The usages of SMTP between servers (RFC 7672 §3.1). */
export const smtpUsages: readonly number[] = [2, 3];
const defaultDigests: readonly number[] = [2, 1];
const defaultMaxRecords = 64;
const digestBytes: Readonly<Record<number, number>> = { 1: 32, 2: 64 };

/** Why a record cannot be used by itself (RFC 6698 §4.1); undefined where it can. */
function findFault(record: TlsaRecord, options: UsabilityOptions): string | undefined {
  const { usage, selector, matchingType, association } = record;
  const { usages = smtpUsages, digests = defaultDigests } = options;
  if (usage > 3) return `the certificate usage ${usage} is not known`;
  if (!usages.includes(usage)) return `the certificate usage ${usage} is not used here`;
  if (selector > 1) return `the selector ${selector} is not known`;
  if (matchingType === 0) {
    const readable = selector === 0 ? parseCertificate(association).ok : parsePublicKey(association) !== undefined;
    return readable ? undefined : `the association is no ${selector === 0 ? 'certificate' : 'public key'}`;
  }
  const length = digestBytes[matchingType];
  if (length === undefined || !digests.includes(matchingType)) return `the matching type ${matchingType} is not known or not used here`;
  return association.length === length ? undefined : `a digest of ${association.length} bytes, not ${length}`;
}

/**
 * Tells usable records from others: those not known, malformed or not wanted (RFC 6698 §4.1), then those whose digest is weaker than
 * that of another record of the same usage and selector (RFC 7671 §9).
 */
export function sortTlsaRecords(records: readonly TlsaRecord[], options: UsabilityOptions = {}): SortedRecords {
  const { digests = defaultDigests, maxRecords = defaultMaxRecords } = options;
  const unusable: { record: TlsaRecord; reason: string; rfc: string }[] = [];
  const sound = records.filter((record, index) => {
    const reason = index < maxRecords ? findFault(record, options) : 'more records than are looked at';
    if (reason !== undefined) unusable.push({ record, reason, rfc: 'RFC 6698 §4.1' });
    return reason === undefined;
  });
  const usable = sound.filter((record) => {
    const rank = digests.indexOf(record.matchingType);
    const stronger = sound.some(
      (other) => other.usage === record.usage && other.selector === record.selector && digests.slice(0, rank).includes(other.matchingType),
    );
    const passed = record.matchingType === 0 || rank === 0 || !stronger;
    if (!passed) unusable.push({ record, reason: 'a stronger digest is published beside it', rfc: 'RFC 7671 §9' });
    return passed;
  });
  return { usable, unusable };
}
