import {
  type Envelope,
  type Part,
  parseBaseSubject,
  parseHeaderFields,
  parseMessageIds,
  previewText,
  StructureParser,
} from '@mox/message-format';
import { type FieldsToKeep, keepFields } from '../kept-fields.ts';
import { foldText } from './search/fold-text.ts';

/** What the store keeps of a message's content beside its bytes. */
export interface MessageFacts {
  readonly envelope: Envelope;
  readonly part: Part;
  /** Message ids of the message itself, of In-Reply-To and of References, in that order. */
  readonly messageIds: readonly string[];
  /** The base subject (RFC 5256 §2.1), folded. */
  readonly subject: string;
  readonly preview: string;
  /** What `keepFields` keeps of the header section. */
  readonly fields: FieldsToKeep | undefined;
}

/** Bytes at the start of a message in which References, the preview and the fields to be kept are looked for. */
export const headBytes: number = 64 * 1024;
const previewBytes = 2048;

/** Takes a message apart as its bytes come. Holds the first of them only. */
export class MessageReader {
  readonly #parser = new StructureParser();
  #head: Uint8Array = new Uint8Array(0);

  write(bytes: Uint8Array): void {
    this.#parser.write(bytes);
    if (this.#head.length >= headBytes) return;
    const more = bytes.subarray(0, headBytes - this.#head.length);
    if (this.#head.length === 0) {
      this.#head = more;
      return;
    }
    const head = new Uint8Array(this.#head.length + more.length);
    head.set(this.#head);
    head.set(more, this.#head.length);
    this.#head = head;
  }

  end(): MessageFacts {
    const { envelope, part } = this.#parser.end();
    const header = parseHeaderFields(this.#head.subarray(part.headerStart, part.bodyStart), { headerFields: 1000 });
    const references = header.filter((field) => field.nameLower === 'references').map((field) => field.value);
    const messageIds = [envelope.messageId, envelope.inReplyTo, ...references].flatMap((text) => parseMessageIds(text ?? ''));
    const { base } = parseBaseSubject(envelope.subject ?? '');
    const preview = previewText(part, this.#head.subarray(0, previewEnd(part)));
    const { headerStart: start, bodyStart: end } = part;
    const fields = end <= this.#head.length ? keepFields({ bytes: this.#head, start, end }) : undefined;
    return { envelope, part, messageIds, subject: foldText(base), preview, fields };
  }
}

/** Where to stop reading for the preview: two thousand bytes of plain text hold the words wanted, of HTML they may be all style. */
function previewEnd(part: Part): number {
  if (part.parts) return part.parts[0] ? previewEnd(part.parts[0]) : headBytes;
  return part.type === 'text' && part.subtype === 'plain' ? part.bodyStart + previewBytes : headBytes;
}
