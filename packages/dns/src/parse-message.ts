import { ok, type ParseError, parseError, type Result } from '@mox/syntax';
import { canonicalData } from './canonical-data.ts';
import type { DnsMessage, Edns, MessageRecord, Question } from './message.ts';
import type { RecordType } from './record.ts';
import { readRecordData } from './record-codec.ts';
import { formatRecordType, recordTypeOf } from './record-type.ts';
import type { DnsRecord } from './resolver.ts';
import { WireError, WireReader } from './wire.ts';

const optType = 41;
const internetClass = 1;

function readQuestion(reader: WireReader): Question {
  return { name: reader.name(), type: formatRecordType(reader.uint16()), class: reader.uint16() };
}

function readEdns(reader: WireReader, udpPayloadSizeBytes: number, flags: number): { edns: Edns; rcodeHigh: number } {
  const options: { code: number; data: Uint8Array }[] = [];
  while (reader.at < reader.end) {
    const code = reader.uint16();
    options.push({ code, data: reader.take(reader.uint16()) });
  }
  const edns = { udpPayloadSizeBytes, version: (flags >>> 16) & 0xff, dnssecOk: (flags & 0x8000) !== 0, options };
  return { edns, rcodeHigh: flags >>> 24 };
}

function readTyped<T extends RecordType>(reader: WireReader, name: string, type: T, ttlSeconds: number): DnsRecord<T> {
  return { name, type, ttlSeconds, data: readRecordData[type](reader) };
}

interface Section {
  readonly records: MessageRecord[];
  readonly canonical: boolean;
  edns?: Edns;
  rcodeHigh: number;
}

function readRecord(reader: WireReader, section: Section): void {
  const start = reader.at;
  const name = reader.name();
  const typeNumber = reader.uint16();
  const recordClass = reader.uint16();
  const ttl = reader.uint32();
  const dataLength = reader.uint16();
  const whole = reader.end;
  if (reader.at + dataLength > whole) throw new WireError(reader.at, 'the data of a record ends beyond the message');
  reader.end = reader.at + dataLength;
  if (typeNumber === optType) {
    // RFC 6891 §6.1.1: one OPT record at most, and it belongs to the root.
    if (section.edns || name !== '') throw new WireError(start, 'an OPT record too many');
    Object.assign(section, readEdns(reader, recordClass, ttl));
  } else {
    // RFC 2181 §8: a time to live whose first bit is set counts as zero.
    const ttlSeconds = ttl > 0x7fffffff ? 0 : ttl;
    const type = recordClass === internetClass ? recordTypeOf(typeNumber) : undefined;
    const dataStart = reader.at;
    const record: MessageRecord = type
      ? (readTyped(reader, name, type, ttlSeconds) as MessageRecord)
      : { name, type: 'opaque', typeNumber, class: recordClass, ttlSeconds, data: reader.rest() };
    if (reader.at !== reader.end) throw new WireError(reader.at, `the data of ${formatRecordType(typeNumber)} is longer than it should be`);
    const layoutOf = recordClass === internetClass ? typeNumber : 0;
    section.records.push(section.canonical ? { ...record, canonicalData: canonicalData(reader, layoutOf, dataStart) } : record);
  }
  reader.end = whole;
}

function readSection(reader: WireReader, count: number, canonical: boolean): Section {
  const section: Section = { records: [], canonical, rcodeHigh: 0 };
  for (let i = 0; i < count; i++) readRecord(reader, section);
  return section;
}

function readMessage(reader: WireReader, canonical: boolean): DnsMessage {
  const id = reader.uint16();
  const flags = reader.uint16();
  const counts = [reader.uint16(), reader.uint16(), reader.uint16(), reader.uint16()] as const;
  const questions: Question[] = [];
  for (let i = 0; i < counts[0]; i++) questions.push(readQuestion(reader));
  const answers = readSection(reader, counts[1], canonical);
  const authorities = readSection(reader, counts[2], canonical);
  const additionals = readSection(reader, counts[3], false);
  if (answers.edns || authorities.edns) throw new WireError(reader.at, 'an OPT record in another section than the additional one');
  const bit = (mask: number): boolean => (flags & mask) !== 0;
  return {
    id,
    response: bit(0x8000),
    opcode: (flags >>> 11) & 15,
    authoritative: bit(0x0400),
    truncated: bit(0x0200),
    recursionDesired: bit(0x0100),
    recursionAvailable: bit(0x0080),
    authentic: bit(0x0020),
    checkingDisabled: bit(0x0010),
    rcode: (additionals.rcodeHigh << 4) | (flags & 15),
    questions,
    answers: answers.records,
    authorities: authorities.records,
    additionals: additionals.records,
    ...(additionals.edns && { edns: additionals.edns }),
  };
}

/**
 * Reads a message (RFC 1035 §4.1, RFC 6891 §6.1). Bytes behind it are passed over. One record whose data is not of its
 * type's form makes the message malformed. With `canonical`, records of the answer and authority sections have their data also as
 * signatures cover it. Offsets of errors are in bytes.
 */
export function parseMessage(bytes: Uint8Array, options: { readonly canonical?: boolean } = {}): Result<DnsMessage, ParseError> {
  try {
    return ok(readMessage(new WireReader(bytes), options.canonical === true));
  } catch (error) {
    if (error instanceof WireError) return parseError(error.offset, error.message);
    throw error;
  }
}
