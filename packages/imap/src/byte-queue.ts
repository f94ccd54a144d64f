import { emptyBytes, indexOfByte, toLatin1 } from '@mox/runtime';

const lineFeed = 10;
const carriageReturn = 13;

/**
 * Received bytes that wait to be parsed. What is taken out is a view: bytes are never moved or written over once they are in,
 * so a view stays good for as long as its owner needs it. The end of a line is searched for once, however slowly it comes.
 */
export class ByteQueue {
  #buffer: Uint8Array = emptyBytes;
  #start = 0;
  #lineStart = 0;
  #end = 0;
  #scanned = 0;
  /** Whether the array was made here: only then may bytes be written behind the end. */
  #owned = false;

  get length(): number {
    return this.#end - this.#start;
  }

  push(bytes: Uint8Array): void {
    if (this.#start === this.#end) return this.#adopt(bytes);
    if (!this.#owned || this.#end + bytes.length > this.#buffer.length) this.#grow(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #adopt(bytes: Uint8Array): void {
    // Node's sockets give Buffers, whose methods differ: views of them must be plain arrays.
    this.#buffer = bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#owned = false;
    this.#start = 0;
    this.#scanned = 0;
    this.#end = bytes.length;
  }

  /** A new array, since views of the old one may be in use. */
  #grow(more: number): void {
    const grown = new Uint8Array(Math.max((this.length + more) * 2, 1024));
    grown.set(this.#buffer.subarray(this.#start, this.#end));
    this.#end = this.length;
    this.#scanned = Math.max(0, this.#scanned - this.#start);
    this.#start = 0;
    this.#buffer = grown;
    this.#owned = true;
  }

  /** The next line without its CRLF or LF, one character for each byte; undefined where its end has not come. */
  takeLine(): string | undefined {
    const at = this.#findLineFeed();
    if (at < 0) {
      this.#scanned = this.#end;
      return undefined;
    }
    const end = at > this.#start && this.#buffer[at - 1] === carriageReturn ? at - 1 : at;
    const line = this.#textTo(end);
    this.#lineStart = this.#start;
    this.#start = at + 1;
    return line;
  }

  /** What closes a list behind a literal is a line of one character: not worth the way into the platform. */
  #textTo(end: number): string {
    if (end - this.#start === 1) return String.fromCharCode(this.#buffer[this.#start] ?? 0);
    return toLatin1(this.#buffer, this.#start, end);
  }

  /** The bytes of the line that was taken last, of so many characters. Good until more is pushed. */
  lineBytes(length: number): Uint8Array {
    return this.#buffer.subarray(this.#lineStart, this.#lineStart + length);
  }

  /** Looks no further than the bytes that are in: the array may have room behind them. */
  #findLineFeed(): number {
    const from = Math.max(this.#scanned, this.#start);
    if (this.#end === this.#buffer.length) return indexOfByte(this.#buffer, lineFeed, from);
    const at = indexOfByte(this.#buffer.subarray(from, this.#end), lineFeed, 0);
    return at < 0 ? at : from + at;
  }

  /** The first bytes that wait, for a reply to a line that never ends. */
  peekText(length: number): string {
    return toLatin1(this.#buffer, this.#start, Math.min(this.#end, this.#start + length));
  }

  /** So many bytes, or as many as there are. */
  take(length: number): Uint8Array {
    const bytes = this.#buffer.subarray(this.#start, Math.min(this.#end, this.#start + length));
    this.#start += bytes.length;
    return bytes;
  }

  clear(): void {
    this.#adopt(emptyBytes);
  }
}
