import { emptyBytes } from '@mox/runtime';
import { type Attachment, toAttachment } from './attachment.ts';
import { selectBodyParts } from './body-parts.ts';
import { joinTexts, type TextKind, textParts } from './body-text.ts';
import { decodeBodyStream, decodeTextStream } from './decode-body.ts';
import type { StructureLimits } from './limits.ts';
import { attachedParts, HeaderTap, type MessageSummary, summarize } from './message.ts';
import type { Part } from './part.ts';
import { StructureParser } from './structure.ts';

/** A message that is kept somewhere its bytes can be read from at any place: a file, a blob, an object in a store. */
export interface MessageSource {
  readonly sizeBytes: number;
  /** The bytes from the offset `start` up to the offset `end`, in pieces of any size. What it throws passes through. */
  read(start: number, end: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** An attachment of a stored message: its content comes as a stream. */
export type StoredAttachment = Omit<Attachment, 'bytes' | 'decode'>;

/** How much of a text is read. */
export interface StoredTextOptions {
  /** UTF-16 units of each part that are read; the rest is left away. 1,048,576 unless said otherwise. */
  readonly mostCharacters?: number;
}

/** A message of any size: what its header says and where its parts are is there, what they hold is read when it is asked for. */
export interface StoredMessage extends MessageSummary {
  readonly attachments: readonly StoredAttachment[];
  /** As `text` of `Message`, read and decoded now. */
  text(options?: StoredTextOptions): Promise<string | undefined>;
  /** As `html` of `Message`, read and decoded now. */
  html(options?: StoredTextOptions): Promise<string | undefined>;
  /** The body of a part as it stands. */
  rawStream(part: Part): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** The body of a part, its transfer encoding undone (RFC 2045 §6), piece by piece. */
  bodyStream(part: Part): AsyncGenerator<Uint8Array>;
  /** The text of a part, its charset decoded too, lines ended by LF, piece by piece. */
  textStream(part: Part): AsyncGenerator<string>;
}

/** The start of a text that comes in pieces; no more is read than is wanted. */
async function readStart(source: AsyncIterable<string>, mostCharacters: number): Promise<string> {
  const pieces: string[] = [];
  let left = mostCharacters;
  for await (const piece of source) {
    pieces.push(piece.slice(0, left));
    left -= piece.length;
    if (left <= 0) break;
  }
  // A cut in the middle of a character leaves nothing of it.
  return pieces.join('').replace(left < 0 ? /[\ud800-\udbff]$/ : /(?!)/, '');
}

/**
 * Opens a message that is kept somewhere else, however large: reads it through once, holding no more than its header sections, and then
 * only what is asked for. A stream that comes once and is not kept goes to `splitMessage`. Never fails on what is in the message.
 */
export async function openMessage(source: MessageSource, limits: StructureLimits = {}): Promise<StoredMessage> {
  const header = new HeaderTap();
  const parser = new StructureParser(limits, header);
  for await (const bytes of source.read(0, source.sizeBytes)) parser.write(bytes);
  const structure = parser.end();
  const { textBody, htmlBody, attachments } = selectBodyParts(structure.part);
  const rawStream = (part: Part): AsyncIterable<Uint8Array> | Iterable<Uint8Array> => source.read(part.bodyStart, part.bodyEnd);
  const bodyStream = (part: Part): AsyncGenerator<Uint8Array> => decodeBodyStream(part, rawStream(part));
  const textStream = (part: Part): AsyncGenerator<string> => decodeTextStream(part, rawStream(part));
  const readText = async (body: readonly Part[], kind: TextKind, options: StoredTextOptions): Promise<string | undefined> => {
    const parts = textParts(body, kind);
    const texts: string[] = [];
    for (const part of parts) texts.push(await readStart(textStream(part), options.mostCharacters ?? 1_048_576));
    return joinTexts(parts, texts, kind);
  };
  return {
    ...summarize(structure, header.fields),
    attachments: attachedParts(textBody, attachments).map((part) => {
      const { bytes: _bytes, decode: _decode, ...facts } = toAttachment(part, emptyBytes);
      return { ...facts, stream: () => bodyStream(part) };
    }),
    text: (options = {}) => readText(textBody, 'plain', options),
    html: (options = {}) => readText(htmlBody, 'html', options),
    rawStream,
    bodyStream,
    textStream,
  };
}
