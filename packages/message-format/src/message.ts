import { decodeEncodedWords } from '@mox/encoding';
import { concatBytes } from '@mox/runtime';
import { type Attachment, toAttachment } from './attachment.ts';
import { selectBodyParts } from './body-parts.ts';
import { type MessageDate, parseDate } from './date.ts';
import { decodeText } from './decode-body.ts';
import type { Defect } from './defect.ts';
import type { EnvelopeAddress } from './envelope.ts';
import { findField, type HeaderField, readFields } from './header-field.ts';
import { htmlToText } from './html-text.ts';
import { defaultStructureLimits, type StructureLimits } from './limits.ts';
import { parseMessageId, parseMessageIds } from './message-id.ts';
import type { MessageStructure, Part } from './part.ts';
import { parseStructure } from './structure.ts';

/** A sender or recipient, decoded. */
export interface MessageAddress {
  /** Display name, encoded words decoded; empty where there is none. */
  readonly name: string;
  /** `localpart@domain` as it stood, the localpart without quotes. */
  readonly address: string;
  /** Name of the group it is a member of (RFC 5322 §3.4). */
  readonly group?: string;
}

/** A message, read for people: everything decoded, attachments on demand. */
export interface Message {
  /** Fields of the header section, in order. */
  readonly headers: readonly HeaderField[];
  readonly subject: string;
  readonly from: readonly MessageAddress[];
  readonly sender: readonly MessageAddress[];
  readonly replyTo: readonly MessageAddress[];
  readonly to: readonly MessageAddress[];
  readonly cc: readonly MessageAddress[];
  readonly bcc: readonly MessageAddress[];
  readonly date?: MessageDate;
  /** Without angle brackets. */
  readonly messageId?: string;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  /** The plain text, lines ended by LF. Undefined where the message has no plain text; see `messageText`. */
  readonly text?: string;
  /** The HTML, as it stood: not safe to show. */
  readonly html?: string;
  readonly attachments: readonly Attachment[];
  /** Parts with their places, envelope, sizes. */
  readonly structure: MessageStructure;
  readonly defects: readonly Defect[];
}

/** Bounds of `parseMessage`: those of the structure, and one more for streams. */
export interface MessageLimits extends StructureLimits {
  /** Size of a message that comes as a stream. Default 100 MiB; the rest is left away, with a defect. */
  readonly sizeBytes?: number;
}

function decodeName(name: string): string {
  return name.includes('=?') ? decodeEncodedWords(name) : name;
}

/** Makes the addresses of an envelope readable: names decoded (RFC 2047 §6), groups, in From too (RFC 6854 §2), a word on their members. */
export function toMessageAddresses(addresses: readonly EnvelopeAddress[] | null): MessageAddress[] {
  const all: MessageAddress[] = [];
  let group: string | undefined;
  for (const { name, mailbox, host } of addresses ?? []) {
    if (host === null) group = mailbox === null ? undefined : decodeName(mailbox);
    else {
      const address = host === '' ? (mailbox ?? '') : `${mailbox ?? ''}@${host}`;
      all.push({ name: name === null ? '' : decodeName(name), address, ...(group === undefined ? undefined : { group }) });
    }
  }
  return all;
}

/** Text of several parts as one; undefined where there is none of that kind. */
function joinTexts(parts: readonly Part[], subtype: string, message: Uint8Array): string | undefined {
  const texts = parts.filter((part) => part.type === 'text' && part.subtype === subtype).map((part) => decodeText(part, message));
  if (texts.length <= 1) return texts[0];
  return texts.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('');
}

function listAttachments(inline: readonly Part[], listed: readonly Part[], message: Uint8Array): Attachment[] {
  const parts = new Set(listed);
  // Images between the texts are shown in their place, and listed too.
  for (const part of inline) if (part.type !== 'text') parts.add(part);
  const ordered = [...parts].sort((a, b) => a.headerStart - b.headerStart);
  return ordered.map((part) => toAttachment(part, message));
}

function readMessage(bytes: Uint8Array, limits: MessageLimits): Message {
  const structure = parseStructure(bytes, limits);
  const { envelope, part } = structure;
  const headers = readFields(bytes.subarray(0, part.bodyStart), limits.headerFields ?? defaultStructureLimits.headerFields);
  const { textBody, htmlBody, attachments } = selectBodyParts(part);
  const date = envelope.date === null ? undefined : parseDate(envelope.date);
  const messageId = envelope.messageId === null ? undefined : parseMessageId(envelope.messageId);
  const text = joinTexts(textBody, 'plain', bytes);
  const html = joinTexts(htmlBody, 'html', bytes);
  return {
    headers,
    subject: decodeName(envelope.subject ?? ''),
    from: toMessageAddresses(envelope.from),
    sender: toMessageAddresses(envelope.sender),
    replyTo: toMessageAddresses(envelope.replyTo),
    to: toMessageAddresses(envelope.to),
    cc: toMessageAddresses(envelope.cc),
    bcc: toMessageAddresses(envelope.bcc),
    ...(date && { date }),
    ...(messageId === undefined ? undefined : { messageId }),
    inReplyTo: parseMessageIds(envelope.inReplyTo ?? ''),
    references: parseMessageIds(findField(headers, 'references')?.value ?? ''),
    ...(text === undefined ? undefined : { text }),
    ...(html === undefined ? undefined : { html }),
    attachments: listAttachments(textBody, attachments, bytes),
    structure,
    defects: structure.defects,
  };
}

async function collect(
  source: AsyncIterable<Uint8Array>,
  mostBytes: number,
): Promise<{ readonly bytes: Uint8Array; readonly cut: boolean }> {
  const pieces: Uint8Array[] = [];
  let left = mostBytes;
  for await (const piece of source) {
    pieces.push(piece.subarray(0, left));
    if (piece.length > left) return { bytes: concatBytes(pieces), cut: true };
    left -= piece.length;
  }
  return { bytes: concatBytes(pieces), cut: false };
}

async function readMessageStream(source: AsyncIterable<Uint8Array>, limits: MessageLimits): Promise<Message> {
  const { bytes, cut } = await collect(source, limits.sizeBytes ?? 100 * 1024 * 1024);
  const message = readMessage(bytes, limits);
  if (!cut) return message;
  return { ...message, defects: [...message.defects, { code: 'size-limit', offset: bytes.length, rfc: 'RFC 5321 §4.5.3.1.7' }] };
}

/**
 * Reads a message whole: header fields, addresses, text and HTML decoded, attachments to be decoded on demand. Never fails on what
 * is in the message: what was wrong with it is in `defects`. For the places of parts alone see `parseStructure`; for messages too
 * large to hold see `StructureParser` and `decodeBodyStream`.
 */
export function parseMessage(source: Uint8Array, limits?: MessageLimits): Message;
export function parseMessage(source: AsyncIterable<Uint8Array>, limits?: MessageLimits): Promise<Message>;
export function parseMessage(source: Uint8Array | AsyncIterable<Uint8Array>, limits: MessageLimits = {}): Message | Promise<Message> {
  return source instanceof Uint8Array ? readMessage(source, limits) : readMessageStream(source, limits);
}

/** The text of a message to read: its plain text, else what its HTML says. */
export function messageText(message: Message): string {
  return message.text ?? (message.html === undefined ? '' : htmlToText(message.html));
}
