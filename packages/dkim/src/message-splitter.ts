import { copyBytes, emptyBytes, refuseText, toLatin1 } from '@mox/runtime';
import { type HeaderFields, readRawFields } from './header-fields.ts';

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

/** What a splitter does with a message. */
export interface SplitTarget {
  /** The header section is whole; called once, before any body. */
  header(fields: HeaderFields): void;
  /** The next bytes of the body. They are only lent. */
  body(bytes: Uint8Array): void;
  /** The message is over; with the last bytes of the body, all of them where `body` was not called. Not called for a header that is too long. */
  end(last?: Uint8Array): void;
}

/** Parts a message that comes in pieces into its header section, which is kept, and its body, which is passed on. */
export class MessageSplitter {
  readonly #target: SplitTarget;
  readonly #mostHeaderBytes: number;
  #buffer: Uint8Array = emptyBytes;
  #length = 0;
  /** Where the current line of the header starts. */
  #lineStart = 0;
  /** The bits that any byte of the header section has. */
  #allBits = 0;
  #inBody = false;
  #lineEnds: LineEnds | undefined;
  /** Set where the header section was longer than allowed: nothing was kept of the message. */
  tooLong = false;

  constructor(target: SplitTarget, mostHeaderBytes: number) {
    this.#target = target;
    this.#mostHeaderBytes = mostHeaderBytes;
  }

  write(bytes: Uint8Array): void {
    const body = this.#split(bytes);
    if (body) this.#target.body(body);
  }

  /** Takes bytes and returns those of them that are of the body. */
  #split(bytes: Uint8Array): Uint8Array | undefined {
    refuseText(bytes);
    if (this.tooLong || bytes.length === 0) return undefined;
    const body = this.#inBody ? bytes : this.#splitHeader(bytes);
    return body && (this.#lineEnds?.convert(body) ?? body);
  }

  #splitHeader(bytes: Uint8Array): Uint8Array | undefined {
    // A header section that comes in one piece is not copied.
    if (this.#length === 0) this.#buffer = bytes;
    else this.#append(bytes);
    const searchStart = this.#length;
    this.#length += bytes.length;
    const end = this.#findEnd(searchStart);
    if (end >= 0 && end <= this.#mostHeaderBytes) {
      const rest = end < this.#length ? this.#buffer.subarray(end, this.#length) : undefined;
      this.#finishHeader(end);
      return rest;
    }
    if (end >= 0 || this.#length > this.#mostHeaderBytes) {
      this.tooLong = true;
      this.#buffer = emptyBytes;
    } else if (searchStart === 0) {
      // The caller may use its bytes again.
      this.#buffer = copyBytes(bytes);
    }
    return undefined;
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
    const bytes = this.#buffer;
    const end = this.#length;
    let lineStart = this.#lineStart;
    let found = -1;
    let all = this.#allBits;
    for (let at = searchStart; at < end; at++) {
      const byte = bytes[at] as number;
      all |= byte;
      if (byte !== lf) continue;
      const lineLength = at - lineStart;
      if (lineLength === 0 || (lineLength === 1 && bytes[lineStart] === cr)) {
        found = at + 1;
        break;
      }
      lineStart = at + 1;
    }
    this.#lineStart = lineStart;
    this.#allBits = all;
    return found;
  }

  #finishHeader(end: number): void {
    this.#inBody = true;
    let header = this.#buffer;
    let length = end;
    const firstEnd = header.indexOf(lf);
    // A message whose first line ends in LF alone comes from a file: it is brought into the form it was sent in.
    if (firstEnd >= 0 && firstEnd < end && header[firstEnd - 1] !== cr) {
      this.#lineEnds = new LineEnds();
      header = this.#lineEnds.convert(header.subarray(0, end));
      length = header.length;
    }
    const text = toLatin1(header, 0, length);
    this.#buffer = emptyBytes;
    this.#target.header(readRawFields(text, { ascii: this.#allBits < 128 }));
  }

  /** The message is over, with these bytes: without an empty line all of it was header. */
  end(last: Uint8Array = emptyBytes): void {
    const body = this.#split(last);
    if (this.tooLong) return;
    if (!this.#inBody) this.#finishHeader(this.#length);
    this.#target.end(body);
  }
}
