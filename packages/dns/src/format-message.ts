import type { DnsMessage, Edns, MessageRecord, Question } from './message.ts';
import type { RecordData, RecordType } from './record.ts';
import { writeRecordData } from './record-codec.ts';
import { parseRecordType } from './record-type.ts';
import { WireError, WireWriter } from './wire.ts';

const compress = { compress: true };

function headerFlags(message: DnsMessage): number {
  const bits: readonly (readonly [boolean, number])[] = [
    [message.response, 0x8000],
    [message.authoritative, 0x0400],
    [message.truncated, 0x0200],
    [message.recursionDesired, 0x0100],
    [message.recursionAvailable, 0x0080],
    [message.authentic, 0x0020],
    [message.checkingDisabled, 0x0010],
  ];
  let flags = ((message.opcode & 15) << 11) | (message.rcode & 15);
  for (const [set, mask] of bits) if (set) flags |= mask;
  return flags;
}

function writeQuestion(writer: WireWriter, question: Question): void {
  const type = parseRecordType(question.type);
  if (type === undefined) throw new WireError(writer.length, `no record type: ${question.type}`);
  writer.name(question.name, compress);
  writer.uint16(type);
  writer.uint16(question.class);
}

function writeData<T extends RecordType>(writer: WireWriter, type: T, data: RecordData[T]): void {
  writeRecordData[type](writer, data);
}

function writeRecord(writer: WireWriter, record: MessageRecord): void {
  writer.name(record.name, compress);
  writer.uint16(record.type === 'opaque' ? record.typeNumber : (parseRecordType(record.type) ?? 0));
  writer.uint16(record.type === 'opaque' ? record.class : 1);
  writer.uint32(record.ttlSeconds);
  writer.counted(() => {
    if (record.type === 'opaque') writer.bytes(record.data);
    else writeData(writer, record.type, record.data);
  });
}

function writeEdns(writer: WireWriter, edns: Edns, rcode: number): void {
  writer.name('');
  writer.uint16(41);
  writer.uint16(edns.udpPayloadSizeBytes);
  writer.uint8(rcode >>> 4);
  writer.uint8(edns.version);
  writer.uint16(edns.dnssecOk ? 0x8000 : 0);
  writer.counted(() => {
    for (const option of edns.options) {
      writer.uint16(option.code);
      writer.counted(() => writer.bytes(option.data));
    }
  });
}

/**
 * Writes a message (RFC 1035 §4.1, RFC 6891 §6.1), names compressed. Throws a RangeError where a value does not fit its
 * field or the message would be longer than 65,535 bytes.
 */
export function formatMessage(message: DnsMessage): Uint8Array {
  const writer = new WireWriter();
  try {
    writer.uint16(message.id);
    writer.uint16(headerFlags(message));
    writer.uint16(message.questions.length);
    writer.uint16(message.answers.length);
    writer.uint16(message.authorities.length);
    writer.uint16(message.additionals.length + (message.edns ? 1 : 0));
    for (const question of message.questions) writeQuestion(writer, question);
    for (const record of [...message.answers, ...message.authorities, ...message.additionals]) writeRecord(writer, record);
    if (message.edns) writeEdns(writer, message.edns, message.rcode);
  } catch (error) {
    if (error instanceof WireError) throw new RangeError(error.message, { cause: error });
    throw error;
  }
  return writer.finish();
}

/** What goes into a query beside its question. */
export interface QueryMessageOptions {
  readonly id: number;
  /** How large a datagram we take; 1232 unless told. 0 for a query without EDNS (RFC 6891 §7). */
  readonly udpPayloadSizeBytes?: number;
  /** Sets DO and AD: the answer shall say whether it was validated (RFC 6840 §5.7). */
  readonly dnssec?: boolean;
  /** Sets CD (RFC 4035 §3.2.2). */
  readonly checkingDisabled?: boolean;
}

/** A query for one name and type, recursion desired. The name's case is kept. Throws a RangeError where it cannot be asked for. */
export function formatQuery(name: string, type: string, options: QueryMessageOptions): Uint8Array {
  const { id, udpPayloadSizeBytes = 1232, dnssec = false, checkingDisabled = false } = options;
  return formatMessage({
    id,
    response: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authentic: dnssec,
    checkingDisabled,
    rcode: 0,
    questions: [{ name, type, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
    ...(udpPayloadSizeBytes > 0 && { edns: { udpPayloadSizeBytes, version: 0, dnssecOk: dnssec, options: [] } }),
  });
}
