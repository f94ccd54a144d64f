// Records of every type by chance, the same for the same seed.
import { formatIp } from '@mox/syntax';
import { type DnsMessage, joinLabels, type MessageRecord, type RecordData, type RecordType } from '../src/index.ts';

/** Draws from a sequence of random numbers. */
export class Draw {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  one<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  list<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }

  bytes(least: number, most: number): Uint8Array {
    return Uint8Array.from(this.list(least, most, () => this.below(256)));
  }

  /** A number of so many bits, the edges often. */
  number(bits: number): number {
    const most = 2 ** bits - 1;
    return this.below(3) === 0 ? this.one([0, 1, most, 2 ** (bits - 1)]) : this.below(most + 1);
  }
}

const labels: readonly string[] = ['a', 'mail', 'example', 'org', '_25', '_tcp', '*', 'xn--bcher-kva', 'x'.repeat(63), '0', 'a-b'];
const typeNames: readonly string[] = 'A NS SOA MX TXT AAAA DS RRSIG NSEC DNSKEY TLSA CAA TYPE4660 TYPE65280'.split(' ');

/** A name in the form of this package: of few labels, which repeat and are compressed; odd bytes now and then. */
function drawName(draw: Draw): string {
  const drawLabel = (): string => (draw.below(15) === 0 ? String.fromCharCode(...draw.bytes(1, 5)) : draw.one(labels));
  return joinLabels(draw.list(0, 3, drawLabel));
}

/** What can be seen, which all programs write and read alike. */
const drawAscii = (draw: Draw, least: number, most: number): Uint8Array => draw.bytes(least, most).map((byte) => 0x20 + (byte % 95));
const drawTypes = (draw: Draw): string[] => typeNames.filter(() => draw.below(3) === 0);
const drawNsec3Parameters = (draw: Draw): RecordData['NSEC3PARAM'] => ({
  algorithm: draw.number(8),
  flags: draw.number(8),
  iterations: draw.number(16),
  salt: draw.bytes(0, 8),
});

/** Values of service parameters that are well-formed, by key (RFC 9460 §7, §8). */
const serviceValues: readonly (readonly [key: number, draw: (draw: Draw) => Uint8Array])[] = [
  [
    1,
    (draw) =>
      Uint8Array.from(
        draw.list(1, 3, () => drawAscii(draw, 1, 5).map((byte) => (byte === 0x22 ? 0x5c : byte))).flatMap((id) => [id.length, ...id]),
      ),
  ],
  [3, (draw) => draw.bytes(2, 2)],
  [4, (draw) => draw.bytes(4, 4)],
  [5, (draw) => draw.bytes(1, 20)],
  [6, (draw) => Uint8Array.from([...draw.bytes(16, 16), ...draw.bytes(16, 16)])],
  [667, (draw) => draw.bytes(0, 20)],
  [65280, (draw) => draw.bytes(0, 20)],
];

function drawServiceBinding(draw: Draw): RecordData['SVCB'] {
  const parameters = serviceValues.filter(() => draw.below(2) === 0).map(([key, value]) => ({ key, value: value(draw) }));
  const mandatory = parameters.filter(() => draw.below(3) === 0).flatMap(({ key }) => [key >> 8, key & 255]);
  if (mandatory.length > 0) parameters.unshift({ key: 0, value: Uint8Array.from(mandatory) });
  // An alias says nothing beside its target.
  const priority = draw.number(16);
  return { priority, target: drawName(draw), parameters: priority === 0 ? [] : parameters };
}

const drawData: { readonly [T in RecordType]: (draw: Draw) => RecordData[T] } = {
  A: (draw) => draw.bytes(4, 4).join('.'),
  AAAA: (draw) => formatIp({ version: 6, bytes: draw.bytes(16, 16).map((byte) => (draw.below(2) === 0 ? 0 : byte)) }),
  CNAME: drawName,
  DNAME: drawName,
  NS: drawName,
  PTR: drawName,
  MX: (draw) => ({ preference: draw.number(16), exchange: drawName(draw) }),
  TXT: (draw) => draw.list(1, 3, () => draw.bytes(0, draw.one([3, 20, 255]))),
  SOA: (draw) => ({
    primary: drawName(draw),
    mailbox: drawName(draw),
    serial: draw.number(32),
    refreshSeconds: draw.number(31),
    retrySeconds: draw.number(31),
    expireSeconds: draw.number(31),
    minimumSeconds: draw.number(31),
  }),
  SRV: (draw) => ({ priority: draw.number(16), weight: draw.number(16), port: draw.number(16), target: drawName(draw) }),
  TLSA: (draw) => ({ usage: draw.number(8), selector: draw.number(8), matchingType: draw.number(8), association: draw.bytes(1, 64) }),
  CAA: (draw) => ({ critical: draw.below(2) === 0, tag: draw.one(['issue', 'issuewild', 'iodef', 'x1']), value: drawAscii(draw, 0, 30) }),
  DS: (draw) => ({ keyTag: draw.number(16), algorithm: draw.one([5, 8, 13, 15]), digestType: 2, digest: draw.bytes(32, 32) }),
  DNSKEY: (draw) => ({ flags: draw.number(16), protocol: draw.number(8), algorithm: draw.number(8), key: draw.bytes(1, 70) }),
  RRSIG: (draw) => ({
    typeCovered: draw.one(typeNames),
    algorithm: draw.number(8),
    labels: draw.number(8),
    originalTtlSeconds: draw.number(32),
    expiration: draw.number(32),
    inception: draw.number(32),
    keyTag: draw.number(16),
    signer: drawName(draw),
    signature: draw.bytes(1, 70),
  }),
  NSEC: (draw) => ({ next: drawName(draw), types: drawTypes(draw) }),
  NSEC3: (draw) => ({ ...drawNsec3Parameters(draw), nextHash: draw.bytes(20, 20), types: drawTypes(draw) }),
  NSEC3PARAM: drawNsec3Parameters,
  SVCB: drawServiceBinding,
  HTTPS: drawServiceBinding,
};

export const recordTypes: readonly RecordType[] = Object.keys(drawData) as RecordType[];

/** A record of a type, or opaque. */
export function drawRecord(draw: Draw, type: RecordType | 'opaque'): MessageRecord {
  const owned = { name: drawName(draw), ttlSeconds: draw.number(31) };
  if (type === 'opaque') return { ...owned, type, typeNumber: draw.one([65280, 4660]), class: 1, data: draw.bytes(0, 20) };
  return { ...owned, type, data: drawData[type](draw) } as MessageRecord;
}

/** A response with a few records in each section. */
export function drawMessage(draw: Draw): DnsMessage {
  const drawRecords = (): MessageRecord[] => draw.list(0, 4, () => drawRecord(draw, draw.one([...recordTypes, 'opaque'])));
  const edns = { udpPayloadSizeBytes: draw.number(16), version: 0, dnssecOk: true, options: [{ code: 65001, data: draw.bytes(0, 9) }] };
  return {
    id: draw.number(16),
    response: true,
    opcode: 0,
    authoritative: draw.below(2) === 0,
    truncated: false,
    recursionDesired: draw.below(2) === 0,
    recursionAvailable: draw.below(2) === 0,
    authentic: draw.below(2) === 0,
    checkingDisabled: draw.below(2) === 0,
    rcode: draw.one([0, 0, 0, 2, 3, 5]),
    questions: [{ name: drawName(draw), type: draw.one(typeNames), class: 1 }],
    answers: drawRecords(),
    authorities: drawRecords(),
    additionals: drawRecords(),
    ...(draw.below(2) === 0 && { edns }),
  };
}
