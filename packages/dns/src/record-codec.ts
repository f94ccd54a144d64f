import { formatIp, parseIp } from '@mox/syntax';
import type { RecordData, RecordType, ServiceBinding } from './record.ts';
import { formatRecordType, parseRecordType } from './record-type.ts';
import { WireError, type WireReader, type WireWriter } from './wire.ts';

function readIpv6(reader: WireReader): string {
  return formatIp({ version: 6, bytes: reader.take(16) });
}

function writeIp(writer: WireWriter, text: string, version: 4 | 6): void {
  const address = parseIp(text);
  if (address?.version !== version) throw new WireError(writer.length, `no IPv${version} address: ${text}`);
  writer.bytes(address.bytes);
}

function readStrings(reader: WireReader): readonly Uint8Array[] {
  const strings: Uint8Array[] = [];
  while (reader.at < reader.end) strings.push(reader.characterString());
  return strings;
}

/** Type bit maps in windows of 256 types (RFC 4034 §4.1.2). */
function readTypes(reader: WireReader): readonly string[] {
  const types: string[] = [];
  let last = -1;
  while (reader.at < reader.end) {
    const window = reader.uint8();
    const bits = reader.characterString();
    if (window <= last || bits.length === 0 || bits.length > 32) throw new WireError(reader.at, 'a bit map of types expected');
    last = window;
    for (const [i, byte] of bits.entries()) {
      for (let bit = 0; bit < 8; bit++) if (byte & (0x80 >>> bit)) types.push(formatRecordType(window * 256 + i * 8 + bit));
    }
  }
  return types;
}

function typeNumber(writer: WireWriter, name: string): number {
  const number = parseRecordType(name);
  if (number === undefined) throw new WireError(writer.length, `no record type: ${name}`);
  return number;
}

function writeTypes(writer: WireWriter, types: readonly string[]): void {
  const windows = new Map<number, number[]>();
  for (const number of types.map((type) => typeNumber(writer, type)).toSorted((a, b) => a - b)) {
    const bits = windows.get(number >>> 8) ?? [];
    windows.set(number >>> 8, bits);
    const at = (number & 0xff) >>> 3;
    while (bits.length <= at) bits.push(0);
    bits[at] = (bits[at] ?? 0) | (0x80 >>> (number & 7));
  }
  for (const [window, bits] of windows) {
    writer.uint8(window);
    writer.characterString(Uint8Array.from(bits));
  }
}

function readServiceBinding(reader: WireReader): ServiceBinding {
  const priority = reader.uint16();
  const target = reader.name();
  const parameters: { key: number; value: Uint8Array }[] = [];
  let last = -1;
  while (reader.at < reader.end) {
    const key = reader.uint16();
    // RFC 9460 wants keys in strictly rising order; what breaks it is malformed.
    if (key <= last) throw new WireError(reader.at, 'a parameter with a higher key expected');
    last = key;
    parameters.push({ key, value: reader.take(reader.uint16()) });
  }
  return { priority, target, parameters };
}

function writeServiceBinding(writer: WireWriter, data: ServiceBinding): void {
  writer.uint16(data.priority);
  writer.name(data.target);
  for (const { key, value } of data.parameters.toSorted((a, b) => a.key - b.key)) {
    writer.uint16(key);
    writer.counted(() => writer.bytes(value));
  }
}

/** Readers of the data of records by type; the reader's end is that of the data. */
export const readRecordData: { readonly [T in RecordType]: (reader: WireReader) => RecordData[T] } = {
  A: (reader) => reader.take(4).join('.'),
  AAAA: readIpv6,
  CNAME: (reader) => reader.name(),
  DNAME: (reader) => reader.name(),
  NS: (reader) => reader.name(),
  PTR: (reader) => reader.name(),
  MX: (reader) => ({ preference: reader.uint16(), exchange: reader.name() }),
  TXT: readStrings,
  SOA: (reader) => ({
    primary: reader.name(),
    mailbox: reader.name(),
    serial: reader.uint32(),
    refreshSeconds: reader.uint32(),
    retrySeconds: reader.uint32(),
    expireSeconds: reader.uint32(),
    minimumSeconds: reader.uint32(),
  }),
  SRV: (reader) => ({ priority: reader.uint16(), weight: reader.uint16(), port: reader.uint16(), target: reader.name() }),
  TLSA: (reader) => ({ usage: reader.uint8(), selector: reader.uint8(), matchingType: reader.uint8(), association: reader.rest() }),
  CAA: (reader) => ({
    critical: reader.uint8() >= 128,
    tag: String.fromCharCode(...reader.characterString()).toLowerCase(),
    value: reader.rest(),
  }),
  DS: (reader) => ({ keyTag: reader.uint16(), algorithm: reader.uint8(), digestType: reader.uint8(), digest: reader.rest() }),
  DNSKEY: (reader) => ({ flags: reader.uint16(), protocol: reader.uint8(), algorithm: reader.uint8(), key: reader.rest() }),
  RRSIG: (reader) => ({
    typeCovered: formatRecordType(reader.uint16()),
    algorithm: reader.uint8(),
    labels: reader.uint8(),
    originalTtlSeconds: reader.uint32(),
    expiration: reader.uint32(),
    inception: reader.uint32(),
    keyTag: reader.uint16(),
    signer: reader.name(),
    signature: reader.rest(),
  }),
  NSEC: (reader) => ({ next: reader.name(), types: readTypes(reader) }),
  NSEC3: (reader) => ({
    algorithm: reader.uint8(),
    flags: reader.uint8(),
    iterations: reader.uint16(),
    salt: reader.characterString(),
    nextHash: reader.characterString(),
    types: readTypes(reader),
  }),
  NSEC3PARAM: (reader) => ({
    algorithm: reader.uint8(),
    flags: reader.uint8(),
    iterations: reader.uint16(),
    salt: reader.characterString(),
  }),
  SVCB: readServiceBinding,
  HTTPS: readServiceBinding,
};

const compress = { compress: true };

/** Writers of the data of records by type. Names are compressed in the types of RFC 1035 alone (RFC 3597 §4). */
export const writeRecordData: { readonly [T in RecordType]: (writer: WireWriter, data: RecordData[T]) => void } = {
  A: (writer, address) => writeIp(writer, address, 4),
  AAAA: (writer, address) => writeIp(writer, address, 6),
  CNAME: (writer, name) => writer.name(name, compress),
  DNAME: (writer, name) => writer.name(name),
  NS: (writer, name) => writer.name(name, compress),
  PTR: (writer, name) => writer.name(name, compress),
  MX: (writer, mx) => {
    writer.uint16(mx.preference);
    writer.name(mx.exchange, compress);
  },
  TXT: (writer, strings) => {
    for (const string of strings) writer.characterString(string);
  },
  SOA: (writer, soa) => {
    writer.name(soa.primary, compress);
    writer.name(soa.mailbox, compress);
    for (const value of [soa.serial, soa.refreshSeconds, soa.retrySeconds, soa.expireSeconds, soa.minimumSeconds]) writer.uint32(value);
  },
  SRV: (writer, srv) => {
    for (const value of [srv.priority, srv.weight, srv.port]) writer.uint16(value);
    writer.name(srv.target);
  },
  TLSA: (writer, tlsa) => {
    for (const value of [tlsa.usage, tlsa.selector, tlsa.matchingType]) writer.uint8(value);
    writer.bytes(tlsa.association);
  },
  CAA: (writer, caa) => {
    writer.uint8(caa.critical ? 128 : 0);
    writer.characterString(Uint8Array.from(caa.tag, (character) => character.charCodeAt(0)));
    writer.bytes(caa.value);
  },
  DS: (writer, ds) => {
    writer.uint16(ds.keyTag);
    writer.uint8(ds.algorithm);
    writer.uint8(ds.digestType);
    writer.bytes(ds.digest);
  },
  DNSKEY: (writer, key) => {
    writer.uint16(key.flags);
    writer.uint8(key.protocol);
    writer.uint8(key.algorithm);
    writer.bytes(key.key);
  },
  RRSIG: (writer, rrsig) => {
    writer.uint16(typeNumber(writer, rrsig.typeCovered));
    writer.uint8(rrsig.algorithm);
    writer.uint8(rrsig.labels);
    for (const value of [rrsig.originalTtlSeconds, rrsig.expiration, rrsig.inception]) writer.uint32(value);
    writer.uint16(rrsig.keyTag);
    writer.name(rrsig.signer);
    writer.bytes(rrsig.signature);
  },
  NSEC: (writer, nsec) => {
    writer.name(nsec.next);
    writeTypes(writer, nsec.types);
  },
  NSEC3: (writer, nsec3) => {
    writeNsec3Parameters(writer, nsec3);
    writer.characterString(nsec3.nextHash);
    writeTypes(writer, nsec3.types);
  },
  NSEC3PARAM: writeNsec3Parameters,
  SVCB: writeServiceBinding,
  HTTPS: writeServiceBinding,
};

function writeNsec3Parameters(writer: WireWriter, parameters: RecordData['NSEC3PARAM']): void {
  writer.uint8(parameters.algorithm);
  writer.uint8(parameters.flags);
  writer.uint16(parameters.iterations);
  writer.characterString(parameters.salt);
}
