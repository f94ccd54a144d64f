import { copyBytes, emptyBytes, toLatin1 } from '@mox/runtime';
import { HeaderFields, type RawField } from './canonicalize-header.ts';

const lf = 10;
const cr = 13;

/** Turns every line end into CRLF: for messages that were stored with LF alone (RFC 6376 §5.3). */
class LineEnds {
  #lastByte = -1;

  convert(bytes: Uint8Array): Uint8Array {
    let bare = 0;
    for (let at = bytes.indexOf(lf); at >= 0; at = bytes.indexOf(lf, at + 1)) if ((at > 0 ? bytes[at - 1] : this.#lastByte) !== cr) bare++;
    const before = this.#lastByte;
    if (bytes.length > 0) this.#lastByte = bytes[bytes.length - 1] ?? -1;
    if (bare === 0) return bytes;
    const out = new Uint8Array(bytes.length + bare);
    let length = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === lf && (at > 0 ? bytes[at - 1] : before) !== cr) out[length++] = cr;
      out[length++] = byte;
    }
    return out;
  }
}

/** Fields of a header section, with CRLF line ends; what is no field is passed over. */
export function readRawFields(header: string): HeaderFields {
  const fields: RawField[] = [];
  for (let at = 0; at < header.length; ) {
    let end = header.indexOf('\n', at) + 1;
    while (end > 0 && (header.charCodeAt(end) === 32 || header.charCodeAt(end) === 9)) end = header.indexOf('\n', end) + 1;
    if (end === 0) end = header.length;
    const raw = header.slice(at, end);
    const match = /^([!-9;-~]+)[ \t]*:/.exec(raw);
    if (match) fields.push({ nameLower: (match[1] ?? '').toLowerCase(), raw, colon: match[0].length - 1 });
    at = end;
  }
  return new HeaderFields(fields);
}

/** What a splitter does with a message. */
export interface SplitTarget {
  /** The header section is whole; called once, before any body. */
  header(fields: HeaderFields): void;
  body(bytes: Uint8Array): void;
}

/** Parts a message that comes in pieces into its header section, which is kept, and its body, which is passed on. */
export class MessageSplitter {
  readonly #target: SplitTarget;
  readonly #mostHeaderBytes: number;
  #buffer: Uint8Array = emptyBytes;
  #length = 0;
  /** Where the current line of the header starts. */
  #lineStart = 0;
  #inBody = false;
  #lineEnds: LineEnds | undefined;
  /** Set where the header section was longer than allowed: nothing was kept of the message. */
  tooLong = false;

  constructor(target: SplitTarget, mostHeaderBytes: number) {
    this.#target = target;
    this.#mostHeaderBytes = mostHeaderBytes;
  }

  write(bytes: Uint8Array): void {
    if (this.tooLong || bytes.length === 0) return;
    if (this.#inBody) this.#target.body(this.#lineEnds?.convert(bytes) ?? bytes);
    else this.#writeHeader(bytes);
  }

  #writeHeader(bytes: Uint8Array): void {
    // A header section that comes in one piece is not copied.
    if (this.#length === 0) this.#buffer = bytes;
    else this.#append(bytes);
    const searchStart = this.#length;
    this.#length += bytes.length;
    const end = this.#findEnd(searchStart);
    if (end >= 0 && end <= this.#mostHeaderBytes) {
      const rest = this.#buffer.subarray(end, this.#length);
      this.#finishHeader(end);
      if (rest.length > 0) this.#target.body(this.#lineEnds?.convert(rest) ?? rest);
    } else if (end >= 0 || this.#length > this.#mostHeaderBytes) {
      this.tooLong = true;
      this.#buffer = emptyBytes;
    } else if (searchStart === 0) {
      // The caller may use its bytes again.
      this.#buffer = copyBytes(bytes);
    }
  }

  #append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(4096, (this.#length + bytes.length) * 2));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#length);
  }

  /** Where the body starts: behind the first empty line; -1 where it is not there yet. */
  #findEnd(searchStart: number): number {
    const bytes = this.#buffer.subarray(0, this.#length);
    for (let at = bytes.indexOf(lf, searchStart); at >= 0; at = bytes.indexOf(lf, at + 1)) {
      const lineLength = at - this.#lineStart;
      if (lineLength === 0 || (lineLength === 1 && bytes[this.#lineStart] === cr)) return at + 1;
      this.#lineStart = at + 1;
    }
    return -1;
  }

  #finishHeader(end: number): void {
    this.#inBody = true;
    let header = this.#buffer.subarray(0, end);
    const firstEnd = header.indexOf(lf);
    // A message whose first line ends in LF alone comes from a file: it is brought into the form it was sent in.
    if (firstEnd >= 0 && header[firstEnd - 1] !== cr) {
      this.#lineEnds = new LineEnds();
      header = this.#lineEnds.convert(header);
    }
    const text = toLatin1(header);
    this.#buffer = emptyBytes;
    this.#target.header(readRawFields(text));
  }

  /** The message is over: without an empty line all of it was header. */
  end(): void {
    if (!this.#inBody && !this.tooLong) this.#finishHeader(this.#length);
  }
}
