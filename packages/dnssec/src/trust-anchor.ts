import { parseZone, type RecordData } from '@mox/dns';
import { ok, type ParseError, parseError, type Result } from '@mox/syntax';

/** What is known of a zone's keys without the DNS (RFC 4033 §2): where chains of trust begin. */
export interface TrustAnchor {
  /** The zone in the form of `normalizeName`; `` is the root. */
  readonly zone: string;
  /** Digests of keys, any of which the zone may use. */
  readonly ds?: readonly RecordData['DS'][];
  /** Keys themselves. */
  readonly keys?: readonly RecordData['DNSKEY'][];
}

/** Reads trust anchors as zone text: DS and DNSKEY records, as in `. IN DS 20326 8 2 e06d...`. */
export function parseTrustAnchors(text: string): Result<readonly TrustAnchor[], ParseError> {
  const parsed = parseZone(text);
  if (!parsed.ok) return parsed;
  const anchors = new Map<string, { zone: string; ds: RecordData['DS'][]; keys: RecordData['DNSKEY'][] }>();
  for (const record of parsed.value) {
    const anchor = anchors.get(record.name) ?? { zone: record.name, ds: [], keys: [] };
    anchors.set(record.name, anchor);
    if (record.type === 'DS') anchor.ds.push(record.data);
    else if (record.type === 'DNSKEY') anchor.keys.push(record.data);
    else return parseError(0, `DS or DNSKEY records expected, not ${record.type}`);
  }
  return ok([...anchors.values()]);
}

/* @__NO_SIDE_EFFECTS__ */
function digest(keyTag: number, hex: string): RecordData['DS'] {
  return { keyTag, algorithm: 8, digestType: 2, digest: Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) };
}

/** The keys of the root as IANA publishes them at https://data.iana.org/root-anchors/: that of 2017, and that of 2024. */
export const rootTrustAnchor: TrustAnchor = {
  zone: '',
  ds: [
    digest(20326, 'e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d'),
    digest(38696, '683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16'),
  ],
};
