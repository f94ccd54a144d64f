import {
  Base64Decoder,
  CharsetDecoder,
  decodeCharset,
  decodeQuotedPrintable,
  type EncodingProblem,
  QuotedPrintableDecoder,
  readBase64,
  readUuencode,
  UuencodeDecoder,
} from '@mox/encoding';
import { concatBytes, emptyBytes, toLatin1 } from '@mox/runtime';
import { partCharset } from './body-parts.ts';
import { findDecodedParameter } from './decoded-parameter.ts';
import type { Defect } from './defect.ts';
import { decodeFlowed, FlowedDecoder } from './flowed.ts';
import { findParameter } from './parameters.ts';
import type { Part } from './part.ts';

/** Takes bytes in pieces and gives bytes in pieces. */
export interface BytesDecoder {
  /** What is complete with this piece. */
  push(bytes: Uint8Array): Uint8Array;
  /** What was left. */
  end(): Uint8Array;
}

/** Undoes a transfer encoding piece by piece, and tells what was wrong with it. */
export interface BodyDecoder extends BytesDecoder {
  /** What was wrong so far, in order of place; all of it behind `end()`. See `DecodedBody`. */
  readonly defects: readonly Defect[];
}

/**
 * The body of a part with its transfer encoding undone, and what was wrong with that: `body-foreign-text`, text before, among or behind
 * the encoded data was passed over; `body-not-encoded`, nothing of it is encoded and it is given as it stands; `body-incomplete`, its end is
 * missing; `body-stray-character`, characters that no encoder writes. The first of a kind is told, in order of place.
 */
export interface DecodedBody {
  readonly bytes: Uint8Array;
  readonly defects: readonly Defect[];
}

/** What decodes a part: its encoding, and where in the message its body starts, if that is to be counted from. */
export type EncodedPart = Pick<Part, 'encoding'> & Partial<Pick<Part, 'bodyStart'>>;

function toDefects({ encoding, bodyStart = 0 }: EncodedPart, problems: readonly EncodingProblem[]): Defect[] {
  const rfc = encoding === 'base64' ? 'RFC 2045 §6.8' : 'RFC 2045 §6.3';
  return problems.map(({ code, offset }) => ({ code: `body-${code}`, offset: bodyStart + offset, rfc }));
}

/** The raw body of a part: a view of the message's bytes. */
export function rawBody(part: Part, message: Uint8Array): Uint8Array {
  return message.subarray(part.bodyStart, part.bodyEnd);
}

/** As `decodeBody`, with what was wrong with the encoding (RFC 2045 §6). */
export function readBody(part: Part, message: Uint8Array): DecodedBody {
  const raw = rawBody(part, message);
  if (part.encoding === 'quoted-printable') return { bytes: decodeQuotedPrintable(raw), defects: [] };
  const read = part.encoding === 'base64' ? readBase64 : part.encoding === 'x-uuencode' ? readUuencode : undefined;
  if (!read) return { bytes: raw, defects: [] };
  const { bytes, problems } = read(raw);
  return { bytes, defects: toDefects(part, problems) };
}

/** The body of a part with its transfer encoding undone (RFC 2045 §6); a view of the message where there was none. Never fails. */
export function decodeBody(part: Part, message: Uint8Array): Uint8Array {
  return readBody(part, message).bytes;
}

const identity: BodyDecoder = { push: (bytes) => bytes, end: () => emptyBytes, defects: [] };

/**
 * Undoes a part's transfer encoding piece by piece (RFC 2045 §6), for bodies too large to hold. The offsets of its defects are of the
 * message where the part has a `bodyStart`, else of the body.
 */
export function bodyDecoder(part: EncodedPart): BodyDecoder {
  if (part.encoding === 'quoted-printable') {
    const decoder = new QuotedPrintableDecoder();
    return { push: (bytes) => decoder.push(bytes), end: () => decoder.end(), defects: [] };
  }
  if (part.encoding !== 'base64' && part.encoding !== 'x-uuencode') return identity;
  const decoder = part.encoding === 'base64' ? new Base64Decoder() : new UuencodeDecoder();
  return {
    push: (bytes) => decoder.push(bytes),
    end: () => decoder.end(),
    get defects() {
      return toDefects(part, decoder.problems);
    },
  };
}

/** Decodes a body that comes as a stream of its raw bytes: those from `bodyStart` to `bodyEnd` of the message. */
export async function* decodeBodyStream(
  part: Pick<Part, 'encoding'>,
  raw: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const decoder = bodyDecoder(part);
  for await (const bytes of raw) {
    const decoded = decoder.push(bytes);
    if (decoded.length > 0) yield decoded;
  }
  const rest = decoder.end();
  if (rest.length > 0) yield rest;
}

/** How the lines of a text part are to be joined, where its Content-Type says that they may be (RFC 3676 §4). */
function flow(part: Part): { readonly delSp: boolean } | undefined {
  if (part.type !== 'text' || part.subtype !== 'plain' || part.parameters.length === 0) return undefined;
  if (findParameter(part.parameters, 'format')?.toLowerCase() !== 'flowed') return undefined;
  return { delSp: findParameter(part.parameters, 'delsp')?.toLowerCase() === 'yes' };
}

/** Bytes that are not what they are in Latin-1, by charset: without them the text needs no decoder. */
const beyondLatin1: Readonly<Record<string, RegExp>> = {
  'us-ascii': /[\x80-\xff]/,
  'iso-8859-1': /[\x80-\x9f]/,
  'windows-1252': /[\x80-\x9f]/,
};

/** Decodes a charset; plain ASCII and Latin-1, which much text is, without a decoder. */
function decodeBytes(bytes: Uint8Array, charset: string): string {
  const beyond = Object.hasOwn(beyondLatin1, charset.toLowerCase()) ? beyondLatin1[charset.toLowerCase()] : undefined;
  if (beyond) {
    const text = toLatin1(bytes);
    if (!beyond.test(text)) return text;
  }
  return decodeCharset(bytes, charset).text;
}

/** Bytes of HTML that are asked for its charset, as browsers do. */
const metaBytes = 1024;
const metaCharset = /<meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]{1,64})/i;

/** Whether the start of the content is to say its charset: HTML whose Content-Type does not. */
function asksContent(part: Part): boolean {
  return part.subtype === 'html' && part.type === 'text' && findDecodedParameter(part.parameters, 'charset') === undefined;
}

/** The charset that HTML names itself; what could not name itself in ASCII is taken for UTF-8. */
function charsetOfHtml(bytes: Uint8Array): string {
  const label = metaCharset.exec(toLatin1(bytes, 0, Math.min(bytes.length, metaBytes)))?.[1];
  return label === undefined ? 'us-ascii' : /^utf-?(?:16|32)/i.test(label) ? 'utf-8' : label;
}

/** Charsets in which CR and LF are bytes that mean nothing else. */
const asciiBased = /^(?:utf-?8|us-ascii|iso-8859-\d{1,2}|windows-125\d|koi8-[ru])$/i;

/** Larger bodies are decoded to arrays of their own. */
const scratchBytes = 1024 * 1024;
let scratch: Uint8Array = emptyBytes;

/** Bytes to decode into that are done with before anything else is decoded: large arrays, each made for one text, are dear. */
function scratchFor(lengthBytes: number): Uint8Array | undefined {
  if (lengthBytes > scratchBytes) return undefined;
  if (lengthBytes > scratch.length) scratch = new Uint8Array(Math.min(scratchBytes, Math.max(16_384, 2 * lengthBytes)));
  return scratch;
}

/** A text, and what was wrong with the encoding of its body. */
interface DecodedText {
  readonly text: string;
  readonly defects: readonly Defect[];
}

/** The body of a text part as text. Most of its line ends are LF already where that came free. */
function decodeToText(part: Part, message: Uint8Array): DecodedText {
  const charset = partCharset(part);
  const raw = rawBody(part, message);
  const into = part.encoding === 'quoted-printable' ? scratchFor(raw.length) : undefined;
  const { bytes, defects } = into
    ? { bytes: decodeQuotedPrintable(raw, { into, lineFeeds: asciiBased.test(charset) }), defects: [] }
    : readBody(part, message);
  return { text: decodeBytes(bytes, asksContent(part) ? charsetOfHtml(bytes) : charset), defects };
}

/** As `decodeText`, with what was wrong with the encoding. */
export function readText(part: Part, message: Uint8Array): DecodedText {
  const { text, defects } = decodeToText(part, message);
  const lines = text.includes('\r') ? text.replace(/\r\n/g, '\n') : text;
  const flowed = flow(part);
  return { text: flowed ? decodeFlowed(lines, flowed) : lines, defects };
}

/**
 * The text of a part: transfer encoding undone, charset decoded, lines ended by LF, and joined to paragraphs where the part is
 * format=flowed. Never fails: an unknown charset is guessed.
 */
export function decodeText(part: Part, message: Uint8Array): string {
  return readText(part, message).text;
}

/** Joins the pieces that the first so many bytes come in; the others pass as they are. */
async function* joinStart(source: AsyncIterable<Uint8Array>, lengthBytes: number): AsyncGenerator<Uint8Array> {
  let start: Uint8Array | undefined = emptyBytes;
  for await (const bytes of source) {
    if (!start) yield bytes;
    else {
      start = concatBytes([start, bytes]);
      if (start.length < lengthBytes) continue;
      yield start;
      start = undefined;
    }
  }
  if (start) yield start;
}

/** As `decodeText`, from a stream of the part's raw bytes. Line ends are LF. */
export async function* decodeTextStream(part: Part, raw: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  const asks = asksContent(part);
  let charset: CharsetDecoder | undefined = asks ? undefined : new CharsetDecoder(partCharset(part));
  const flowed = flow(part);
  const lines = flowed && new FlowedDecoder(flowed);
  let heldCr = '';
  const deliver = (decoded: string, last: boolean): string => {
    const text = heldCr + decoded;
    heldCr = !last && text.endsWith('\r') ? '\r' : '';
    const whole = (heldCr === '' ? text : text.slice(0, -1)).replaceAll('\r\n', '\n');
    return lines ? lines.push(whole) + (last ? lines.end() : '') : whole;
  };
  const decoded = decodeBodyStream(part, raw);
  for await (const bytes of asks ? joinStart(decoded, metaBytes) : decoded) {
    charset ??= new CharsetDecoder(charsetOfHtml(bytes));
    const text = deliver(charset.push(bytes), false);
    if (text !== '') yield text;
  }
  const rest = deliver(charset?.end() ?? '', true);
  if (rest !== '') yield rest;
}
