import { type Cidr, cidrContains, type IpAddress, parseCidr, parseIp } from '@mox/syntax';

/** A list of addresses or domains in DNS, and which of its entries count. */
export interface DnsList {
  /** Name of the list's zone, or of a sublist's, as A-labels: `zen.example.org`. */
  readonly zone: string;
  /** Entries that count, by their A records, for lists that hold several; all of them unless told (RFC 5782 §2.3, §6). */
  readonly select?: readonly EntryTest[];
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

const listValues = parseBlock('127.0.0.0/8');
const refusals = parseBlock('127.255.255.0/24');

/** What a value of an A record says: that there is an entry, that the list refuses to answer us, or that it is none of a list. */
export function classifyValue(value: IpAddress): 'entry' | 'refusal' | 'foreign' {
  // deviates RFC 5782 §6: any A record is to mean "listed". Zones that lapsed answer everything with the address of a web server, which
  // is outside of 127.0.0.0/8 (RFC 5782 §2.3), and large lists say by 127.255.255.0/24 that a resolver asks too much.
  if (!cidrContains(listValues, value)) return 'foreign';
  return cidrContains(refusals, value) ? 'refusal' : 'entry';
}
