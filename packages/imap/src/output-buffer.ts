import { fromLatin1 } from '@mox/runtime';

/** Text from this length on becomes a piece of its own. */
const pieceLength = 32_768;

/** What a session has to send: text of one character a byte, and bytes, in order. */
export class OutputBuffer {
  #text = '';
  #pieces: Uint8Array[] = [];

  get empty(): boolean {
    return this.#text === '' && this.#pieces.length === 0;
  }

  text(text: string): void {
    this.#text += text;
    if (this.#text.length >= pieceLength) this.#flatten();
  }

  /** The bytes are not copied. */
  bytes(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#flatten();
    this.#pieces.push(bytes);
  }

  /** The next piece, taken out. */
  take(): Uint8Array | undefined {
    if (this.#pieces.length === 0) this.#flatten();
    return this.#pieces.shift();
  }

  #flatten(): void {
    if (this.#text === '') return;
    this.#pieces.push(fromLatin1(this.#text));
    this.#text = '';
  }
}
