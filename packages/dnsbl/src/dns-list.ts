import { type Cidr, cidrContains, type IpAddress, parseCidr, parseIp } from '@mox/syntax';

/** A list of addresses or domains in DNS, and which of its entries count. */
export interface DnsList {
  /** Name of the list's zone, or of a sublist's, as A-labels: `zen.example.org`. */
  readonly zone: string;
  /** Entries that count, by their A records, for lists that hold several; all of them unless told (RFC 5782 §2.3, §6). */
  readonly select?: readonly EntryTest[];
  /**
   * Values by which the list says that it does not answer us, which are no entries, whatever `select` says. Unless told:
   * 127.255.255.0/24, and what the zones of Spamhaus, dnswl.org, URIBL and SURBL have besides.
   */
  readonly refusals?: readonly EntryTest[];
}

/** A test of the value of an A record (RFC 5782 §6). */
export type EntryTest =
  /** A block of values, as `127.0.0.4/30`, or a single one. */
  | { readonly block: string }
  /** A range of values, both ends included. */
  | { readonly from: string; readonly to: string }
  /** A bit mask on the last byte: any of these bits set, with 127.0.0 before it. */
  | { readonly bits: number };

type ValueTest = (value: IpAddress) => boolean;

function parseIpv4(text: string): IpAddress {
  const address = parseIp(text);
  if (address?.version !== 4) throw new TypeError(`no IPv4 address: ${text}`);
  return address;
}

function parseBlock(text: string): Cidr {
  const block = parseCidr(text);
  if (block?.address.version !== 4) throw new TypeError(`no block of IPv4 addresses: ${text}`);
  return block;
}

function numberOf(address: IpAddress): number {
  return address.bytes.reduce((number, byte) => number * 256 + byte, 0);
}

function compileTest(test: EntryTest): ValueTest {
  if ('block' in test) {
    const block = parseBlock(test.block);
    return (value) => cidrContains(block, value);
  }
  if ('bits' in test) {
    const prefix = parseBlock('127.0.0.0/24');
    return (value) => cidrContains(prefix, value) && ((value.bytes[3] ?? 0) & test.bits) !== 0;
  }
  const [from, to] = [numberOf(parseIpv4(test.from)), numberOf(parseIpv4(test.to))];
  return (value) => numberOf(value) >= from && numberOf(value) <= to;
}

/** Which values of A records count for a list. Throws a TypeError for a test that cannot be read: it is the program's own. */
export function compileSelection(list: DnsList): ValueTest {
  const tests = (list.select ?? []).map(compileTest);
  return tests.length === 0 ? () => true : (value) => tests.some((test) => test(value));
}

const listValues = /* @__PURE__ */ parseBlock('127.0.0.0/8');
/** Spamhaus keeps this block for errors in all its zones, .252 to .255 being in use; others follow (spamhaus.org/news/article/788). */
const commonRefusals: readonly ValueTest[] = [/* @__PURE__ */ compileTest({ block: '127.255.255.0/24' })];

const notOfDomains: readonly EntryTest[] = [{ block: '127.0.1.255' }, { block: '127.0.2.255' }];

/** What else refuses, by the zone. The same values are entries of other lists: 127.0.0.1 is a good sender to hostkarma.junkemailfilter.com. */
const zoneRefusals: readonly (readonly [zone: string, values: readonly EntryTest[]])[] = [
  // Lists of domains that were asked about an address (docs.spamhaus.com, "Available Zones").
  ['spamhaus.org', notOfDomains],
  ['spamhaus.net', notOfDomains],
  // More than 100,000 queries a day (dnswl.org/?p=152); the value as SpamAssassin (25_dnswl.cf) and Rspamd (rbl.conf) have it.
  ['dnswl.org', [{ block: '127.0.0.255' }]],
  // Public resolvers, or too many queries: the bit is kept for that (uribl.com/refused.shtml).
  ['uribl.com', [{ bits: 1 }]],
  // The same, as SURBL_BLOCKED of SpamAssassin (25_uribl.cf) and Rspamd (rbl.conf) have it.
  ['surbl.org', [{ bits: 1 }]],
];

function refusalsOf(list: DnsList): readonly ValueTest[] {
  if (list.refusals) return list.refusals.map(compileTest);
  const name = `.${list.zone.toLowerCase().replace(/\.$/, '')}`;
  const [, tests = []] = zoneRefusals.find(([zone]) => name.endsWith(`.${zone}`)) ?? [];
  return [...commonRefusals, ...tests.map(compileTest)];
}

/** What a value of an A record says: that there is an entry, that the list refuses to answer us, or that it is none of a list. */
export function classifyValue(value: IpAddress, list: DnsList): 'entry' | 'refusal' | 'foreign' {
  // deviates RFC 5782 §6: any A record is to mean "listed". Zones that lapsed answer everything with the address of a web server, which
  // is outside of 127.0.0.0/8 (RFC 5782 §2.3), and large lists say by values of their own that a resolver asks too much.
  if (!cidrContains(listValues, value)) return 'foreign';
  return refusalsOf(list).some((test) => test(value)) ? 'refusal' : 'entry';
}
