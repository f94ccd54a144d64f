import type { Envelope, EnvelopeAddress, Parameter, Part } from '@mox/message-format';

// Envelopes and parts as rows keep them: JSON arrays by place instead of objects by name. That is half the text and a third of
// the time to read, which counts where a client lists a mailbox of many thousand messages.

/** Four values an address: name, route, mailbox, host. */
type PackedAddresses = readonly (string | null)[] | null;
/** 1: the same as From, as it mostly is. */
type PackedLikeFrom = PackedAddresses | 1;

type PackedEnvelope = readonly [
  date: string | null,
  subject: string | null,
  from: PackedAddresses,
  sender: PackedLikeFrom,
  replyTo: PackedLikeFrom,
  to: PackedAddresses,
  cc: PackedAddresses,
  bcc: PackedAddresses,
  inReplyTo: string | null,
  messageId: string | null,
];

/** A part; 0 for what is absent, absent places at the end left out. */
type PackedPart = readonly [
  headerStart: number,
  bodyStart: number,
  bodyEnd: number,
  bodyLines: number,
  type: string,
  subtype: string,
  parameters: readonly string[],
  encoding: string,
  id?: string | 0,
  description?: string | 0,
  md5?: string | 0,
  disposition?: readonly [type: string, ...parameters: string[]] | 0,
  language?: readonly string[] | 0,
  location?: string | 0,
  parts?: readonly PackedPart[] | 0,
  message?: readonly [envelope: PackedEnvelope, part: PackedPart] | 0,
];

function packAddresses(list: Envelope['from']): PackedAddresses {
  return list === null ? null : list.flatMap(({ name, route, mailbox, host }) => [name, route, mailbox, host]);
}

function packLikeFrom(list: Envelope['from'], from: PackedAddresses): PackedLikeFrom {
  const packed = packAddresses(list);
  if (packed === null || from === null || packed.length !== from.length) return packed;
  return packed.every((value, i) => value === from[i]) ? 1 : packed;
}

/** An envelope in the form that rows keep. */
export function packEnvelope(envelope: Envelope): PackedEnvelope {
  const from = packAddresses(envelope.from);
  return [
    envelope.date,
    envelope.subject,
    from,
    packLikeFrom(envelope.sender, from),
    packLikeFrom(envelope.replyTo, from),
    packAddresses(envelope.to),
    packAddresses(envelope.cc),
    packAddresses(envelope.bcc),
    envelope.inReplyTo,
    envelope.messageId,
  ];
}

function unpackAddresses(packed: PackedAddresses): readonly EnvelopeAddress[] | null {
  if (packed === null) return null;
  const list: EnvelopeAddress[] = [];
  for (let i = 0; i < packed.length; i += 4) {
    list.push({ name: packed[i] ?? null, route: packed[i + 1] ?? null, mailbox: packed[i + 2] ?? null, host: packed[i + 3] ?? null });
  }
  return list;
}

/** The envelope that `packEnvelope` packed. */
export function unpackEnvelope(packed: PackedEnvelope): Envelope {
  const from = unpackAddresses(packed[2]);
  return {
    date: packed[0],
    subject: packed[1],
    from,
    sender: packed[3] === 1 ? from : unpackAddresses(packed[3]),
    replyTo: packed[4] === 1 ? from : unpackAddresses(packed[4]),
    to: unpackAddresses(packed[5]),
    cc: unpackAddresses(packed[6]),
    bcc: unpackAddresses(packed[7]),
    inReplyTo: packed[8],
    messageId: packed[9],
  };
}

/** A part in the form that rows keep. */
export function packPart(part: Part): PackedPart {
  const { disposition, message } = part;
  const optional = [
    part.id ?? 0,
    part.description ?? 0,
    part.md5 ?? 0,
    disposition ? [disposition.type, ...disposition.parameters.flat()] : 0,
    part.language ?? 0,
    part.location ?? 0,
    part.parts ? part.parts.map(packPart) : 0,
    message ? [packEnvelope(message.envelope), packPart(message.part)] : 0,
  ];
  const used = optional.findLastIndex((value) => value !== 0) + 1;
  const { headerStart, bodyStart, bodyEnd, bodyLines, type, subtype, parameters, encoding } = part;
  const always = [headerStart, bodyStart, bodyEnd, bodyLines, type, subtype, parameters.flat(), encoding];
  return [...always, ...optional.slice(0, used)] as unknown as PackedPart;
}

function unpackParameters(flat: readonly string[], from: number): Parameter[] {
  const parameters: Parameter[] = [];
  for (let i = from; i < flat.length; i += 2) parameters.push([flat[i] ?? '', flat[i + 1] ?? '']);
  return parameters;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The part that `packPart` packed. Written out, place by place: mailboxes of many thousand messages go through here. */
export function unpackPart(packed: PackedPart): Part {
  const part: Writable<Part> = {
    headerStart: packed[0],
    bodyStart: packed[1],
    bodyEnd: packed[2],
    bodyLines: packed[3],
    type: packed[4],
    subtype: packed[5],
    parameters: unpackParameters(packed[6], 0),
    encoding: packed[7],
  };
  if (packed.length > 8) unpackOptional(packed, part);
  return part;
}

function unpackOptional(packed: PackedPart, part: Writable<Part>): void {
  const [, , , , , , , , id, description, md5, disposition, language, location, parts, message] = packed;
  if (id !== undefined && id !== 0) part.id = id;
  if (description !== undefined && description !== 0) part.description = description;
  if (md5 !== undefined && md5 !== 0) part.md5 = md5;
  if (disposition) part.disposition = { type: disposition[0], parameters: unpackParameters(disposition, 1) };
  if (language) part.language = language;
  if (location !== undefined && location !== 0) part.location = location;
  if (parts) part.parts = parts.map(unpackPart);
  if (message) part.message = { envelope: unpackEnvelope(message[0]), part: unpackPart(message[1]) };
}

export type { PackedEnvelope, PackedPart };
