import { Base64Encoder, encodeParameter } from '@mox/encoding';
import { fromUtf8, toLatin1 } from '@mox/runtime';
import { ComposeError } from './compose-error.ts';
import { parseContentType } from './content-type.ts';
import { writeField, writeUnstructured } from './field-writer.ts';
import { encodeFlowed } from './flowed.ts';
import type { Parameter } from './part.ts';
import { chooseTextEncoding, encodeContent, inspectContent, type TransferEncoding } from './transfer-encoding.ts';

/** Content of an attachment: at hand, or as a stream, which is written in base64 as it comes. */
export type ComposeContent = Uint8Array | string | AsyncIterable<Uint8Array>;

/** A file to attach, or an image to show in the HTML. */
export interface ComposeAttachment {
  readonly content: ComposeContent;
  readonly filename?: string;
  /** Media type with parameters; `application/octet-stream` unless given, `text/plain; charset=utf-8` for a text. */
  readonly contentType?: string;
  /**
   * `attachment` unless given; `inline` for what has a `contentId`; `none` leaves the field away, as parts of reports do; `reaction` for
   * what `formatReaction` made (RFC 9078 §3).
   */
  readonly disposition?: 'attachment' | 'inline' | 'reaction' | 'none';
  /** Identifier without angle brackets that the HTML names as `cid:` (RFC 2392). With HTML the part goes beside it (RFC 2387). */
  readonly contentId?: string;
  /** Content-Description (RFC 2045 §8). */
  readonly description?: string;
}

/** A part ready to be written. */
export type ComposedPart = ComposedLeaf | ComposedMultipart;

/** A part with content. */
export interface ComposedLeaf {
  /** Header fields, folded, each with its CRLF. */
  readonly header: string;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  readonly encoding: TransferEncoding;
}

/** A multipart; its boundary is chosen once all parts are known. */
export interface ComposedMultipart {
  readonly subtype: 'mixed' | 'alternative' | 'related' | 'report';
  /** Further parameters of the Content-Type. */
  readonly parameters: readonly Parameter[];
  readonly parts: readonly ComposedPart[];
}

/** How bodies are written. */
export interface PartOptions {
  /** Whether bytes beyond ASCII may stand as they are: 8BITMIME (RFC 6152). */
  readonly eightBit: boolean;
  readonly utf8: boolean;
  readonly flowed: boolean;
}

/** Writes `name: value; parameter; ...`, a parameter a piece. */
export function writeParameterized(name: string, value: string, parameters: readonly Parameter[]): string {
  const pieces = [value, ...parameters.flatMap(([key, text]) => encodeParameter(key, text))];
  return writeField(
    name,
    pieces.map((piece, index) => (index < pieces.length - 1 ? `${piece};` : piece)),
  );
}

function toCrlf(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n');
}

/** Makes the part of a text that is to be read. */
export function composeText(text: string, subtype: 'plain' | 'html', options: PartOptions): ComposedLeaf {
  const flowed = subtype === 'plain' && options.flowed;
  const content = fromUtf8(toCrlf(flowed ? encodeFlowed(text.replace(/\r\n?/g, '\n')) : text));
  const facts = inspectContent(content);
  const encoding = chooseTextEncoding(facts, options);
  const parameters: Parameter[] = [['charset', facts.eightBit ? 'utf-8' : 'us-ascii']];
  if (flowed) parameters.push(['format', 'flowed']);
  const header = writeParameterized('Content-Type', `text/${subtype}`, parameters) + writeField('Content-Transfer-Encoding', [encoding]);
  return { header, body: encodeContent(content, encoding, { text: true }), encoding };
}

async function* encodeStream(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const encoder = new Base64Encoder();
  for await (const bytes of content) {
    const encoded = encoder.push(bytes);
    if (encoded.length > 0) yield encoded;
  }
  const rest = encoder.end();
  if (rest.length > 0) yield rest;
}

/** The parameters of a text that was given as a string: it is written in UTF-8, whatever else was said. */
function withCharset(parameters: readonly Parameter[]): readonly Parameter[] {
  return [['charset', 'utf-8'], ...parameters.filter(([name]) => !/^charset(?:$|\*)/.test(name))];
}

function readMediaType(attachment: ComposeAttachment): { readonly type: string; readonly parameters: readonly Parameter[] } {
  const text =
    attachment.contentType ?? (typeof attachment.content === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream');
  const parsed = parseContentType(text);
  if (!parsed || parsed.type === 'multipart')
    throw new ComposeError('invalid-content-type', `no media type for an attachment: ${JSON.stringify(text)}`);
  const isText = parsed.type === 'text' && typeof attachment.content === 'string';
  return { type: `${parsed.type}/${parsed.subtype}`, parameters: isText ? withCharset(parsed.parameters) : parsed.parameters };
}

/** A message that is encoded is no message/rfc822 any more (RFC 2046 §5.2.1). */
function inBase64(type: string): { readonly type: string; readonly encoding: TransferEncoding } {
  return { type: type === 'message/rfc822' ? 'message/global' : type, encoding: 'base64' };
}

/**
 * Chooses how an attachment is written. A message, or a report about one, must not be encoded (RFC 2046 §5.2.1); as
 * message/global it may (RFC 6532 §3.7).
 */
function encodeAttachment(
  type: string,
  bytes: Uint8Array,
  options: PartOptions,
): { readonly type: string; readonly encoding: TransferEncoding } {
  const isMessage = type.startsWith('message/');
  if (!isMessage && !type.startsWith('text/')) return { type, encoding: 'base64' };
  const facts = inspectContent(bytes);
  const asItIs = facts.binary || (facts.eightBit && !options.eightBit) ? undefined : facts.eightBit ? '8bit' : '7bit';
  if (isMessage && asItIs) return { type, encoding: asItIs };
  if (isMessage) return inBase64(type);
  return { type, encoding: facts.binary ? 'base64' : chooseTextEncoding(facts, options) };
}

/** Makes the part of an attachment. */
export function composeAttachment(attachment: ComposeAttachment, options: PartOptions): ComposedLeaf {
  const { content, filename, contentId } = attachment;
  const media = readMediaType(attachment);
  const bytes = typeof content === 'string' ? fromUtf8(content) : content instanceof Uint8Array ? content : undefined;
  const { type, encoding } = bytes ? encodeAttachment(media.type, bytes, options) : inBase64(media.type);
  const named: readonly Parameter[] = filename === undefined ? [] : [['name', filename]];
  const disposition = attachment.disposition ?? (contentId === undefined ? 'attachment' : 'inline');
  const dispositionField = writeParameterized('Content-Disposition', disposition, filename === undefined ? [] : [['filename', filename]]);
  if (contentId !== undefined && !/^[!-;=?-~]+$/.test(contentId))
    throw new ComposeError('invalid-message-id', `no Content-ID: ${JSON.stringify(contentId)}`);
  const header = [
    writeParameterized('Content-Type', type, [
      ...media.parameters.filter(([name]) => filename === undefined || !/^name(?:$|\*)/.test(name)),
      ...named,
    ]),
    writeField('Content-Transfer-Encoding', [encoding]),
    disposition === 'none' ? '' : dispositionField,
    contentId === undefined ? '' : writeField('Content-ID', [`<${contentId}>`]),
    attachment.description === undefined ? '' : writeUnstructured('Content-Description', attachment.description, options),
  ].join('');
  const text = type.startsWith('text/');
  const body = bytes ? encodeContent(bytes, encoding, { text }) : encodeStream(content as AsyncIterable<Uint8Array>);
  return { header, body, encoding };
}

/** Whether a boundary line could be taken for one that is in a part. What is encoded holds no `=_` (RFC 2045 §6.7, RFC 2045 §6.8). */
export function containsBoundary(part: ComposedPart, boundary: string): boolean {
  if ('parts' in part) return part.parts.some((inner) => containsBoundary(inner, boundary));
  if (!(part.body instanceof Uint8Array) || part.encoding === 'base64' || part.encoding === 'quoted-printable') return false;
  return toLatin1(part.body).includes(`--${boundary}`);
}
