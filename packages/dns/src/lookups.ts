import { type IpAddress, parseIp } from '@mox/syntax';
import { joinTxt } from './record.ts';
import type { DnsAnswer, DnsStatus, DnssecStatus, QueryOptions, Resolver } from './resolver.ts';
import { reverseName } from './reverse-name.ts';

/** Addresses of a host, and the two answers they are from. */
export interface AddressLookup {
  /**
   * `ok` where there is an address and neither question failed to be answered. Otherwise the failure, even where the other
   * family has addresses: the caller may go on with them. `nodata` or `nxdomain` where there are none.
   */
  readonly status: DnsStatus;
  /** That of the weaker of the two answers. */
  readonly security: DnssecStatus;
  readonly addresses: readonly { readonly address: string; readonly version: 4 | 6 }[];
  readonly ipv4: DnsAnswer<'A'>;
  readonly ipv6: DnsAnswer<'AAAA'>;
}

const found: ReadonlySet<DnsStatus> = new Set(['ok', 'nodata', 'nxdomain']);
const weakestFirst: readonly DnssecStatus[] = ['bogus', 'indeterminate', 'insecure', 'secure'];

function joinStatus(ipv4: DnsStatus, ipv6: DnsStatus): DnsStatus {
  for (const status of [ipv4, ipv6]) if (!found.has(status)) return status;
  if (ipv4 === 'ok' || ipv6 === 'ok') return 'ok';
  return ipv4 === 'nodata' || ipv6 === 'nodata' ? 'nodata' : 'nxdomain';
}

/** Asks for the IPv4 and IPv6 addresses of a host at once (RFC 1035 §3.4.1, RFC 3596 §2.2). IPv6 comes first. */
export async function lookupAddresses(resolver: Resolver, name: string, options?: QueryOptions): Promise<AddressLookup> {
  const [ipv4, ipv6] = await Promise.all([resolver.query(name, 'A', options), resolver.query(name, 'AAAA', options)]);
  return {
    status: joinStatus(ipv4.status, ipv6.status),
    security: weakestFirst.find((security) => ipv4.security === security || ipv6.security === security) ?? 'indeterminate',
    addresses: [
      ...ipv6.records.map((record) => ({ address: record.data, version: 6 as const })),
      ...ipv4.records.map((record) => ({ address: record.data, version: 4 as const })),
    ],
    ipv4,
    ipv6,
  };
}

/** Texts of the TXT records of a name, the strings of each joined, bytes as Latin-1 characters, with the answer they are from. */
export async function lookupTxt(
  resolver: Resolver,
  name: string,
  options?: QueryOptions,
): Promise<{ readonly answer: DnsAnswer<'TXT'>; readonly texts: readonly string[] }> {
  const answer = await resolver.query(name, 'TXT', options);
  return { answer, texts: answer.records.map((record) => joinTxt(record.data)) };
}

/** Asks for the names of an address (RFC 1035 §3.5, RFC 3596 §2.5). A TypeError where it is no address. */
export async function lookupPtr(resolver: Resolver, address: string | IpAddress, options?: QueryOptions): Promise<DnsAnswer<'PTR'>> {
  const parsed = typeof address === 'string' ? parseIp(address) : address;
  if (!parsed) throw new TypeError('no IP address');
  return resolver.query(reverseName(parsed), 'PTR', options);
}

/**
 * Whether a resolver validates, as far as it can be seen: the root zone is signed, so its SOA record must come as `secure`
 * (RFC 4035 §4.9.3). `insecure` means that the resolver does not validate, anything else that it is not trusted or not there.
 */
export async function lookupValidation(resolver: Resolver, options?: QueryOptions): Promise<DnsAnswer<'SOA'>> {
  return resolver.query('.', 'SOA', options);
}
