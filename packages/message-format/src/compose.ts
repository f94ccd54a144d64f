import { type Clock, concatBytes, fromUtf8, type Random, toHex } from '@mox/runtime';
import { type ComposeMailbox, type ComposeRecipient, mailboxDomain, writeAddresses } from './compose-address.ts';
import { ComposeError } from './compose-error.ts';
import {
  type ComposeAttachment,
  type ComposedMultipart,
  type ComposedPart,
  composeAttachment,
  composeText,
  containsBoundary,
  type PartOptions,
  writeParameterized,
} from './compose-part.ts';
import { formatDate, parseDate } from './date.ts';
import { checkFieldName, writeField, writeUnstructured } from './field-writer.ts';
import { type ListHeaders, writeListHeaders } from './list-headers.ts';
import { isWritableId, makeMessageId } from './message-id.ts';

/** What a message is to say. */
export interface ComposeInput {
  readonly from: ComposeMailbox | readonly ComposeMailbox[];
  /** Who sends it, where that is not who it is from. With several in `from` the first one, unless given (RFC 5322 §3.6.2). */
  readonly sender?: ComposeMailbox;
  readonly replyTo?: ComposeRecipient | readonly ComposeRecipient[];
  readonly to?: ComposeRecipient | readonly ComposeRecipient[];
  readonly cc?: ComposeRecipient | readonly ComposeRecipient[];
  /** Written into the message: leave it away, and give the addresses to SMTP, unless a Bcc field is wanted. */
  readonly bcc?: ComposeRecipient | readonly ComposeRecipient[];
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  /** Further forms of what `text` and `html` say, best last, e.g. `text/calendar; method=REQUEST` of an invitation (RFC 2046 §5.1.4). */
  readonly alternatives?: readonly ComposeAttachment[];
  readonly attachments?: readonly ComposeAttachment[];
  /** Makes the message a multipart/report (RFC 6522): `text` comes first, for people, then these parts in order. */
  readonly report?: ComposeReport;
  /** Milliseconds since 1970; the clock's time unless given. */
  readonly date?: number;
  /** Minutes that the writer's clock is ahead of UTC. */
  readonly offsetMinutes?: number;
  /** Without angle brackets; made new unless given. */
  readonly messageId?: string;
  /** Without angle brackets; those of a reply by `replyIdentifiers`. */
  readonly inReplyTo?: readonly string[];
  readonly references?: readonly string[];
  /** How to leave the list that the message is for, by one click too, and what else lists say (RFC 2369 §3, RFC 8058 §3). */
  readonly list?: Partial<ListHeaders>;
  /**
   * Further fields, in order. Their values are text: what is not ASCII is encoded. A program that answers by itself adds
   * `['Auto-Submitted', 'auto-replied']` (RFC 3834 §5).
   */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/** The parts of a report that programs read (RFC 6522 §3). */
export interface ComposeReport {
  /** The parameter `report-type`, e.g. `delivery-status`. */
  readonly type: string;
  readonly parts: readonly ComposeAttachment[];
}

/** How a message is written, and where its time and randomness come from. */
export interface ComposeOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Domain of new message identifiers; that of the first `from` unless given. */
  readonly domain?: string;
  /** Whether the message will go by SMTPUTF8: header fields in UTF-8 (RFC 6532), addresses beyond ASCII. Else all is made ASCII. */
  readonly smtputf8?: boolean;
  /** Whether the message will go by 8BITMIME (RFC 6152): bodies in UTF-8 as they are. Follows `smtputf8` unless given. */
  readonly eightBit?: boolean;
  /** Whether plain text is written as format=flowed (RFC 3676). */
  readonly flowed?: boolean;
}

/** A message that was composed. */
export interface ComposedMessage {
  /** Without angle brackets. */
  readonly messageId: string;
  /** Whether it can only be sent with SMTPUTF8 (RFC 6531), with 8BITMIME (RFC 6152). */
  readonly needsSmtputf8: boolean;
  readonly needsEightBit: boolean;
  /** The message. Throws a `ComposeError` where an attachment comes as a stream. */
  bytes(): Uint8Array;
  /** The message in pieces; to be read once where an attachment comes as a stream. */
  stream(): AsyncGenerator<Uint8Array>;
}

/** Fields that are made from other input than `headers`. */
const ownFields: ReadonlySet<string> = new Set([
  ...['date', 'from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'subject', 'message-id', 'in-reply-to', 'references', 'mime-version'],
  ...['content-type', 'content-transfer-encoding', 'content-disposition', 'content-id', 'content-description'],
]);

const ownIdForm = /^[^\s<>@\u0000-\u001f\u007f]+@[^\s<>@\u0000-\u001f\u007f]+$/;

/** Writes identifiers. Those of other messages need no `@`: replies name their parents by what these call themselves. */
function writeIds(name: string, ids: readonly string[], utf8: boolean): string {
  for (const id of ids) {
    if (!isWritableId(id)) throw new ComposeError('invalid-message-id', `no message identifier: ${JSON.stringify(id)}`);
    if (!utf8 && /[^\u0000-\u007f]/.test(id))
      throw new ComposeError('needs-smtputf8', `${JSON.stringify(id)} can only be written with SMTPUTF8`);
  }
  return ids.length === 0
    ? ''
    : writeField(
        name,
        ids.map((id) => `<${id}>`),
      );
}

function writeDate(instant: number, offsetMinutes: number): string {
  const text = formatDate(instant, offsetMinutes);
  const isOffset = Number.isInteger(offsetMinutes) && Math.abs(offsetMinutes) < 24 * 60;
  if (!isOffset || !parseDate(text)) throw new ComposeError('invalid-date', `no date: ${instant}, ${offsetMinutes} minutes ahead`);
  return writeField('Date', [text]);
}

function writeFurther(headers: NonNullable<ComposeInput['headers']>, utf8: boolean): string {
  return headers
    .map(([name, value]) => {
      checkFieldName(name);
      if (ownFields.has(name.toLowerCase())) throw new ComposeError('invalid-field-name', `${name} is written from other input`);
      return writeUnstructured(name, value, { utf8 });
    })
    .join('');
}

function toList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

function writeHeader(input: ComposeInput, messageId: string, options: ComposeOptions): string {
  const utf8 = options.smtputf8 ?? false;
  const from = toList(input.from);
  const sender = input.sender ?? (from.length > 1 ? from[0] : undefined);
  const addresses = (name: string, recipients: ComposeRecipient | readonly ComposeRecipient[] = []): string =>
    writeAddresses(name, toList(recipients), { utf8 });
  return [
    writeDate(input.date ?? options.clock.now(), input.offsetMinutes ?? 0),
    addresses('From', from),
    sender === undefined ? '' : addresses('Sender', [sender]),
    addresses('Reply-To', input.replyTo),
    addresses('To', input.to),
    addresses('Cc', input.cc),
    addresses('Bcc', input.bcc),
    input.subject === undefined ? '' : writeUnstructured('Subject', input.subject, { utf8 }),
    writeIds('Message-ID', [messageId], utf8),
    writeIds('In-Reply-To', input.inReplyTo ?? [], utf8),
    writeIds('References', input.references ?? [], utf8),
    input.list ? writeListHeaders(input.list) : '',
    writeFurther(input.headers ?? [], utf8),
    'MIME-Version: 1.0\r\n',
  ].join('');
}

function multipart(subtype: ComposedMultipart['subtype'], parts: readonly ComposedPart[], type?: string): ComposedPart {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  return { subtype, parts, parameters: type === undefined ? [] : [['type', type]] };
}

/** RFC 6522 §3: text for people, then what programs read. */
function composeReport(text: string, report: ComposeReport, options: PartOptions): ComposedPart {
  const parts = report.parts.map((part) => composeAttachment({ disposition: 'none', ...part }, options));
  return { subtype: 'report', parts: [composeText(text, 'plain', options), ...parts], parameters: [['report-type', report.type]] };
}

/** Text and HTML as alternatives, what the HTML shows beside it, files behind (RFC 2046 §5.1.3, RFC 2046 §5.1.4, RFC 2387 §3). */
function composeBody(input: ComposeInput, options: PartOptions): ComposedPart {
  if (input.report) return composeReport(input.text ?? '', input.report, options);
  const all = input.attachments ?? [];
  const related =
    input.html === undefined
      ? []
      : all.filter((attachment) => attachment.contentId !== undefined && attachment.disposition !== 'attachment');
  const files = all.filter((attachment) => !related.includes(attachment));
  const alternatives: ComposedPart[] = [];
  if (input.text !== undefined || input.html === undefined) alternatives.push(composeText(input.text ?? '', 'plain', options));
  if (input.html !== undefined) {
    const html = composeText(input.html, 'html', options);
    alternatives.push(multipart('related', [html, ...related.map((attachment) => composeAttachment(attachment, options))], 'text/html'));
  }
  for (const further of input.alternatives ?? []) alternatives.push(composeAttachment({ disposition: 'none', ...further }, options));
  return multipart('mixed', [multipart('alternative', alternatives), ...files.map((attachment) => composeAttachment(attachment, options))]);
}

/** Chooses boundaries that occur in no part, each another one. */
class Boundaries {
  readonly #token: string;
  #count = 0;

  constructor(random: Random) {
    this.#token = toHex(random.bytes(12));
  }

  choose(part: ComposedPart): string {
    for (;;) {
      // Neither quoted-printable nor base64 has an `=` before a `_`.
      const boundary = `=_${this.#count++}_${this.#token}`;
      if (!containsBoundary(part, boundary)) return boundary;
    }
  }
}

type Piece = Uint8Array | AsyncIterable<Uint8Array>;

function* writePart(part: ComposedPart, boundaries: Boundaries): Generator<Piece> {
  if ('body' in part) {
    yield fromUtf8(`${part.header}\r\n`);
    yield part.body;
    return;
  }
  const boundary = boundaries.choose(part);
  const contentType = writeParameterized('Content-Type', `multipart/${part.subtype}`, [['boundary', boundary], ...part.parameters]);
  // RFC 2045 §6.4: what is said of the whole holds for all in it.
  const encoding = hasEightBit(part) ? 'Content-Transfer-Encoding: 8bit\r\n' : '';
  yield fromUtf8(`${contentType}${encoding}\r\n`);
  for (const [index, inner] of part.parts.entries()) {
    yield fromUtf8(`${index === 0 ? '' : '\r\n'}--${boundary}\r\n`);
    yield* writePart(inner, boundaries);
  }
  yield fromUtf8(`\r\n--${boundary}--\r\n`);
}

function hasEightBit(part: ComposedPart): boolean {
  return 'parts' in part ? part.parts.some(hasEightBit) : part.encoding === '8bit';
}

const beyondAscii = /[^\u0000-\u007f]/;

function hasUtf8Header(part: ComposedPart): boolean {
  return 'parts' in part ? part.parts.some(hasUtf8Header) : beyondAscii.test(part.header);
}

/**
 * Makes a message (RFC 5322, MIME): folded, encoded as its content needs, with a date, an identifier and boundaries that occur nowhere
 * in it. What was composed and is parsed again says the same. Throws a `ComposeError` for input that no message can say.
 */
export function composeMessage(input: ComposeInput, options: ComposeOptions): ComposedMessage {
  const utf8 = options.smtputf8 ?? false;
  const [first] = toList(input.from);
  if (first === undefined) throw new ComposeError('missing-from', 'a message needs an address that it is from');
  const { clock, random } = options;
  const messageId = input.messageId ?? makeMessageId({ clock, random, domain: options.domain ?? mailboxDomain(first) });
  if (!ownIdForm.test(messageId)) throw new ComposeError('invalid-message-id', `no message identifier: ${JSON.stringify(messageId)}`);
  const header = writeHeader(input, messageId, options);
  const body = composeBody(input, { utf8, eightBit: options.eightBit ?? utf8, flowed: options.flowed ?? false });
  const pieces: readonly Piece[] = [fromUtf8(header), ...writePart(body, new Boundaries(random))];
  let streamed = false;
  return {
    messageId,
    needsSmtputf8: beyondAscii.test(header) || hasUtf8Header(body),
    needsEightBit: hasEightBit(body),
    bytes: () =>
      concatBytes(
        pieces.map((piece) => {
          if (piece instanceof Uint8Array) return piece;
          throw new ComposeError('stream-content', 'an attachment comes as a stream: read the message as a stream too');
        }),
      ),
    async *stream() {
      if (streamed && pieces.some((piece) => !(piece instanceof Uint8Array)))
        throw new ComposeError('stream-content', 'an attachment came as a stream, and was read');
      streamed = true;
      for (const piece of pieces) {
        if (!(piece instanceof Uint8Array)) yield* piece;
        else if (piece.length > 0) yield piece;
      }
    },
  };
}
