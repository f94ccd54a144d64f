import { type DnsRecord, type ExtendedError, formatRcode, type RecordData } from '@mox/dns';
import { equalBytes } from '@mox/runtime';
import { digests, formatAlgorithm, supportsAlgorithm } from './algorithm.ts';
import type { Asking, Exchanges } from './exchanges.ts';
import { groupRrsets } from './rrset.ts';
import type { TrustAnchor } from './trust-anchor.ts';
import { describe, errorCodes, verifyRrset } from './verify-rrset.ts';
import { createZoneKey, isZoneKey, matchesDs, type ZoneKey } from './zone-key.ts';
import type { Failure } from './zone-state.ts';

/** Keys of a zone, or why there are none to believe. */
export type ZoneKeys =
  | { readonly status: 'secure'; readonly keys: readonly ZoneKey[]; readonly ttlSeconds: number; readonly detail: string }
  | { readonly status: 'bogus'; readonly error: ExtendedError }
  | { readonly status: 'failed'; readonly failure: Failure };

/**
 * The DS records that can be used (RFC 4035 §5.2, RFC 6840 §5.2): known digest, known algorithm, and none by SHA-1 where there is a
 * better one (RFC 4509 §3). Or why there is none, and the zone counts as unsigned.
 */
export async function usableDs(set: readonly RecordData['DS'][]): Promise<readonly RecordData['DS'][] | ExtendedError> {
  const supported: RecordData['DS'][] = [];
  for (const ds of set) if (await supportsAlgorithm(ds.algorithm)) supported.push(ds);
  if (supported.length === 0) {
    const names = [...new Set(set.map(({ algorithm }) => formatAlgorithm(algorithm)))].join(', ');
    return { code: errorCodes.unsupportedAlgorithm, text: `keys of ${names} only` };
  }
  const known = supported.filter(({ digestType }) => digests.has(digestType));
  if (known.length === 0) {
    const types = [...new Set(supported.map(({ digestType }) => digestType))].join(', ');
    return { code: errorCodes.unsupportedDigest, text: `digests of type ${types} only` };
  }
  const strong = known.filter(({ digestType }) => digestType !== 1);
  return strong.length > 0 ? strong : known;
}

/** Keys that a zone's DS records, or its trust anchor, speak for. */
function anchoredKeys(zone: string, keys: readonly ZoneKey[], anchor: TrustAnchor, limit: number): readonly ZoneKey[] {
  const digestsOfKeys = (anchor.ds ?? []).slice(0, limit);
  const given = (anchor.keys ?? []).map(createZoneKey);
  return keys.filter(
    (key) => digestsOfKeys.some((ds) => matchesDs(ds, zone, key)) || given.some(({ bytes }) => equalBytes(bytes, key.bytes)),
  );
}

function describeAnchor({ ds = [], keys = [] }: TrustAnchor): string {
  return [...ds.map(({ keyTag }) => keyTag), ...keys.map((key) => createZoneKey(key).tag)].slice(0, 8).join(', ');
}

/** Asks for the keys of a zone, and believes them where one that the anchor speaks for has signed them all (RFC 4035 §5.2). */
export async function fetchZoneKeys(anchor: TrustAnchor, exchanges: Exchanges, asking: Asking): Promise<ZoneKeys> {
  const { zone } = anchor;
  const { limits } = asking.budget;
  const fault = (code: number, text: string): ZoneKeys => ({ status: 'bogus', error: { code, text } });
  const result = await exchanges.ask(zone, 'DNSKEY', asking);
  if (result.status !== 'message') return { status: 'failed', failure: result };
  const { message } = result;
  if (message.rcode !== 0 && message.rcode !== 3)
    return { status: 'failed', failure: { status: 'servfail', problem: `DNSKEY of ${zone}.: ${formatRcode(message.rcode)}` } };
  const set = groupRrsets(message.answers).get(`${zone} DNSKEY`);
  if (!set) return fault(errorCodes.dnskeyMissing, `${zone}. came without DNSKEY records: does the resolver behind pass them on?`);
  const all = set.records.slice(0, limits.keysPerZoneLimit).map((record) => createZoneKey((record as DnsRecord<'DNSKEY'>).data));
  const anchored = anchoredKeys(zone, all, anchor, limits.dsPerZoneLimit);
  if (anchored.length === 0)
    return fault(errorCodes.dnskeyMissing, `no key of ${zone}. is the one that is spoken for: ${describeAnchor(anchor)}`);
  if (!anchored.some(isZoneKey)) return fault(errorCodes.noZoneKeyBit, `no key of ${zone}. that is spoken for may sign it`);
  if (set.signatures.length === 0)
    return fault(errorCodes.rrsigsMissing, `the keys of ${zone}. came without signatures: does the resolver behind pass them on?`);
  const verdict = await verifyRrset(set, { name: zone, keys: anchored }, asking);
  if (verdict.status === 'bogus') return verdict;
  const tags = all.filter(isZoneKey).map(({ tag }) => tag);
  const detail = `keys ${tags.join(', ')}, signed by ${describe(verdict.signature)}`;
  return { status: 'secure', keys: all, ttlSeconds: verdict.ttlSeconds, detail };
}
