import { fromLatin1 } from '@mox/runtime';

/** Up to how many bytes a loop costs less than a call of the platform, and up to how many characters, which need an array there. */
const fewBytes = 64;
const fewCharacters = 512;

/** Gathers text of one character a byte, and bytes. Text is made bytes late: much of it at once costs the least. */
export class ByteWriter {
  #bytes: Uint8Array = new Uint8Array(512);
  #length = 0;
  #text = '';

  get length(): number {
    return this.#length + this.#text.length;
  }

  /** Text of one character a byte, however long. */
  text(text: string): void {
    this.#text += text;
  }

  /** A few characters, one a byte, among bytes. */
  word(text: string): void {
    if (this.#text !== '') this.#settle();
    const bytes = this.#reserve(text.length);
    const at = this.#length;
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
    this.#length = at + text.length;
  }

  /** A number in decimal digits, among bytes. */
  number(value: number): void {
    if (value < 0 || value > 0x7fff_ffff) return this.word(String(value));
    if (this.#text !== '') this.#settle();
    let digits = 1;
    for (let rest = value; rest >= 10; rest = (rest / 10) | 0) digits++;
    const bytes = this.#reserve(digits);
    this.#length += digits;
    for (let at = this.#length, rest = value; digits > 0; digits--, rest = (rest / 10) | 0) bytes[--at] = 48 + (rest % 10);
  }

  /** Bytes, copied. */
  bytes(source: Uint8Array, start: number = 0, end: number = source.length): void {
    if (this.#text !== '') this.#settle();
    const count = end - start;
    const bytes = this.#reserve(count);
    const at = this.#length;
    if (count > fewBytes) bytes.set(source.subarray(start, end), at);
    else for (let i = 0; i < count; i++) bytes[at + i] = source[start + i] ?? 0;
    this.#length = at + count;
  }

  /** What was written from one place to another, once more. */
  again(start: number, end: number): void {
    if (this.#text !== '') this.#settle();
    this.#reserve(end - start).copyWithin(this.#length, start, end);
    this.#length += end - start;
  }

  /** Takes back what was written from a place on. */
  cut(length: number): void {
    if (this.#text !== '') this.#settle();
    this.#length = length;
  }

  /** All that was written, taken out. */
  take(): Uint8Array {
    if (this.#length === 0) {
      const text = this.#text;
      this.#text = '';
      return fromLatin1(text);
    }
    if (this.#text !== '') this.#settle();
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #settle(): void {
    const text = this.#text;
    this.#text = '';
    if (text.length > fewCharacters) this.bytes(fromLatin1(text));
    else this.word(text);
  }

  #reserve(count: number): Uint8Array {
    const needed = this.#length + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    return this.#bytes;
  }
}
