import { decodeCharset, decodeEncodedWords } from '@mox/encoding';
import { concatBytes, fromLatin1, refuseText } from '@mox/runtime';
import { type Attachment, toAttachment } from './attachment.ts';
import { selectBodyParts } from './body-parts.ts';
import { joinTexts, type TextKind, textParts } from './body-text.ts';
import { type MessageDate, parseDate } from './date.ts';
import { readText } from './decode-body.ts';
import type { Defect } from './defect.ts';
import type { EnvelopeAddress } from './envelope.ts';
import { findField, type HeaderField } from './header-field.ts';
import { htmlToText } from './html-text.ts';
import { defaultStructureLimits, type StructureLimits } from './limits.ts';
import { parseMessageId, parseMessageIds } from './message-id.ts';
import type { MessageStructure, Part } from './part.ts';
import type { PartHead, PartListener } from './part-listener.ts';
import { StructureParser } from './structure.ts';

/** A sender or recipient, decoded. */
export interface MessageAddress {
  /** Display name, encoded words decoded; empty where there is none. */
  readonly name: string;
  /** `localpart@domain` as it stood, the localpart quoted only where it must be; empty where there are only words. */
  readonly address: string;
  /** Name of the group it is a member of (RFC 5322 §3.4). */
  readonly group?: string;
}

/** What the header of a message says, decoded for people, and what is known of its parts. */
export interface MessageSummary {
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
  /** Parts with their places, envelope, sizes. */
  readonly structure: MessageStructure;
  /** What was wrong with the structure and, of a message that is held, with the encoding of its texts. Of attachments see `decode`. */
  readonly defects: readonly Defect[];
}

/** A message, read for people: everything decoded, attachments on demand. */
export interface Message extends MessageSummary {
  /**
   * The plain text, lines ended by LF; parts that are HTML between plain ones as text. Undefined where the message has no plain text; see
   * `messageText`.
   */
  readonly text?: string;
  /** The HTML, as it stood: not safe to show. Plain parts between those of HTML are made HTML. Undefined where the message has no HTML. */
  readonly html?: string;
  readonly attachments: readonly Attachment[];
}

/** Bounds of `parseMessage`: those of the structure, and one more for streams. */
export interface MessageLimits extends StructureLimits {
  /** Size of a message that comes as a stream. Default 100 MiB; the rest is left away, with a defect. */
  readonly sizeBytes?: number;
}

/** A text in ISO-2022-JP as it is (RFC 1468): written before there were encoded words, and by some still. */
function isRawJapanese(text: string): boolean {
  return text.includes('\x1b$') && /^[\0-\x7f]*$/.test(text);
}

function decodeName(name: string): string {
  const text = isRawJapanese(name) ? decodeCharset(fromLatin1(name), 'iso-2022-jp').text : name;
  return text.includes('=?') ? decodeEncodedWords(text) : text;
}

/** Characters of which one makes a localpart a quoted string (RFC 5322 §3.2.3); dots at odd places are let through. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
const needsQuotes = /[\0- "(),:;<>@[\\\]\x7f]/;

function writeLocalpart(localpart: string): string {
  return localpart === '' || needsQuotes.test(localpart) ? `"${localpart.replace(/["\\]/g, '\\$&')}"` : localpart;
}

/** Whether what stands where an address should is a name: words, or encoded ones. */
function isName(mailbox: string): boolean {
  return /[ \t]|=\?/.test(mailbox);
}

function toMessageAddress({ name, mailbox, host }: EnvelopeAddress): { readonly name: string; readonly address: string } {
  const words = name === null ? '' : decodeName(name);
  if (host !== '' && host !== null) return { name: words, address: `${writeLocalpart(mailbox ?? '')}@${host}` };
  const only = mailbox ?? '';
  return words === '' && isName(only) ? { name: decodeName(only), address: '' } : { name: words, address: only };
}

/** Makes the addresses of an envelope readable: names decoded (RFC 2047 §6), groups, in From too (RFC 6854 §2), a word on their members. */
export function toMessageAddresses(addresses: readonly EnvelopeAddress[] | null): MessageAddress[] {
  if (addresses === null) return [];
  const all: MessageAddress[] = [];
  let group: string | undefined;
  for (const address of addresses) {
    if (address.host === null) group = address.mailbox === null ? undefined : decodeName(address.mailbox);
    else if (group === undefined) all.push(toMessageAddress(address));
    else all.push({ ...toMessageAddress(address), group });
  }
  return all;
}

/** Reads the texts of a body; what is wrong with their encodings is added to the defects by the part. */
function readTexts(
  body: readonly Part[],
  kind: TextKind,
  source: { readonly bytes: Uint8Array; readonly defects: Map<Part, readonly Defect[]> },
) {
  const parts = textParts(body, kind);
  const texts = parts.map((part) => {
    const { text, defects } = readText(part, source.bytes);
    if (defects.length > 0) source.defects.set(part, defects);
    return text;
  });
  return joinTexts(parts, texts, kind);
}

/** The parts that are listed beside the message, in the order of their places. */
export function attachedParts(inline: readonly Part[], listed: readonly Part[]): readonly Part[] {
  // Images between the texts are shown in their place, and listed too.
  const media = inline.filter((part) => part.type !== 'text');
  if (media.length === 0 && listed.length < 2) return listed;
  return [...new Set([...listed, ...media])].sort((a, b) => a.headerStart - b.headerStart);
}

/** Reads what the fields of the header section mean. */
export function summarize(structure: MessageStructure, headers: readonly HeaderField[]): MessageSummary {
  const { envelope, defects } = structure;
  const date = envelope.date === null ? undefined : parseDate(envelope.date);
  const messageId = envelope.messageId === null ? undefined : parseMessageId(envelope.messageId);
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
    structure,
    defects,
  };
}

/** Takes the fields of the message's own header section. */
export class HeaderTap implements PartListener {
  fields: readonly HeaderField[] = [];

  opened(head: PartHead): void {
    if (head.depth === 0) this.fields = head.fields;
  }
}

function mergeDefects(
  ours: readonly Defect[],
  more: readonly Defect[],
  { defects: most = defaultStructureLimits.defects }: MessageLimits,
): Defect[] {
  return [...ours, ...more.slice(0, Math.max(0, most - ours.length))].sort((a, b) => a.offset - b.offset);
}

function readMessage(bytes: Uint8Array, limits: MessageLimits): Message {
  const header = new HeaderTap();
  const parser = new StructureParser(limits, header);
  parser.write(bytes);
  const structure = parser.end();
  const { textBody, htmlBody, attachments } = selectBodyParts(structure.part);
  const source = { bytes, defects: new Map<Part, readonly Defect[]>() };
  const text = readTexts(textBody, 'plain', source);
  const html = readTexts(htmlBody, 'html', source);
  const summary = summarize(structure, header.fields);
  const defects = [...source.defects.values()].flat();
  return {
    ...summary,
    ...(defects.length > 0 && { defects: mergeDefects(summary.defects, defects, limits) }),
    ...(text === undefined ? undefined : { text }),
    ...(html === undefined ? undefined : { html }),
    attachments: attachedParts(textBody, attachments).map((part) => toAttachment(part, bytes)),
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
 * is in the message: what was wrong with it is in `defects`. A stream is held as a whole, up to `sizeBytes`. For messages too large to
 * hold see `openMessage`, where they are kept somewhere, and `splitMessage`, where they pass by; for the places of parts alone
 * `parseStructure`.
 */
export function parseMessage(source: Uint8Array, limits?: MessageLimits): Message;
export function parseMessage(source: AsyncIterable<Uint8Array>, limits?: MessageLimits): Promise<Message>;
export function parseMessage(source: Uint8Array | AsyncIterable<Uint8Array>, limits: MessageLimits = {}): Message | Promise<Message> {
  refuseText(source);
  return source instanceof Uint8Array ? readMessage(source, limits) : readMessageStream(source, limits);
}

/** The text of a message to read: its plain text, else what its HTML says. */
export function messageText(message: Message): string {
  return message.text ?? (message.html === undefined ? '' : htmlToText(message.html));
}
