import { emptyBytes, toLatin1 } from '@mox/runtime';

const lineFeed = 10;
const carriageReturn = 13;

/**
 * Received bytes that wait to be parsed. What is taken out is a view: bytes are never moved or written over once they are in,
 * so a view stays good for as long as its owner needs it. The end of a line is searched for once, however slowly it comes.
 */
export class ByteQueue {
  #buffer: Uint8Array = emptyBytes;
  #start = 0;
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
    this.#buffer = bytes;
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
    const line = toLatin1(this.#buffer, this.#start, end);
    this.#start = at + 1;
    return line;
  }

  /** Looks no further than the bytes that are in: the array may have room behind them. */
  #findLineFeed(): number {
    const from = Math.max(this.#scanned, this.#start);
    if (this.#end === this.#buffer.length) return this.#buffer.indexOf(lineFeed, from);
    const at = this.#buffer.subarray(from, this.#end).indexOf(lineFeed);
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
