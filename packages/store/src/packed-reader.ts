import { toUtf8 } from '@mox/runtime';
import { StoreError } from './store.ts';

/** An envelope or a part in packed form (`PackedEnvelope`, `PackedPart`): JSON, of which the bytes `start` to `end` of an array that others share. */
export interface PackedText {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

const quote = 0x22;
const comma = 0x2c;
const zero = 0x30;
const nine = 0x39;
const opening = 0x5b;
const backslash = 0x5c;
const closing = 0x5d;
const letterN = 0x6e;

/** The object that a packed text stands for. Throws `StoreError` where it is no JSON. */
export function parsePacked({ bytes, start, end }: PackedText): unknown {
  try {
    return JSON.parse(toUtf8(bytes.subarray(start, end)));
  } catch (cause) {
    throw new StoreError('damaged', 'what is kept of a message cannot be read', { cause });
  }
}

/**
 * A cursor over a packed envelope or part: for who turns it into another text and has no use for objects. Every method reads
 * the value at `at` and leaves `at` behind it. Throws `StoreError` (`damaged`) where the text is not what it should be.
 */
export class PackedReader {
  readonly bytes: Uint8Array;
  /** Where the next value begins. May be set to where another one does. */
  at: number;
  readonly #end: number;

  constructor({ bytes, start, end }: PackedText) {
    this.bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  /** Goes into an array. False where it is empty: it is passed then. */
  enter(): boolean {
    if (this.bytes[this.at] !== opening) this.#damaged();
    this.at++;
    if (this.bytes[this.at] !== closing) return true;
    this.at++;
    return false;
  }

  /** Behind a value of an array: goes on to the next. False where there is none: the array is passed then. */
  more(): boolean {
    const byte = this.bytes[this.at++];
    if (byte !== comma && byte !== closing) this.#damaged();
    return byte === comma;
  }

  /** Goes into an array that is not empty, and gives where its first values are, at most so many, and one more where `at` is then. */
  places(count: number): readonly number[] {
    const places: number[] = [];
    if (!this.enter()) return places;
    do {
      places.push(this.at);
      if (places.length > count) break;
      this.skip();
    } while (this.more());
    return places;
  }

  /** A whole number of decimal digits. */
  number(): number {
    let value = 0;
    if (!this.isNumber) this.#damaged();
    for (; this.isNumber; this.at++) value = value * 10 + (this.bytes[this.at] ?? 0) - zero;
    return value;
  }

  get isNumber(): boolean {
    const byte = this.bytes[this.at] ?? 0;
    return byte >= zero && byte <= nine;
  }

  /** Passes null or a 0, which stand for what is absent. False, and nothing passed, where there is something. */
  absent(): boolean {
    const byte = this.bytes[this.at];
    if (byte !== letterN && byte !== zero) return false;
    this.at += byte === zero ? 1 : 4;
    return true;
  }

  /** Whether a string of printable ASCII, without what JSON escapes, stands here. Passes nothing. */
  isString(text: string): boolean {
    const { bytes, at } = this;
    for (let i = 0; i < text.length; i++) if (bytes[at + 1 + i] !== text.charCodeAt(i)) return false;
    return bytes[at] === quote && bytes[at + 1 + text.length] === quote;
  }

  /** A string. */
  string(): string {
    const start = this.at;
    this.#skipString();
    return parsePacked({ bytes: this.bytes, start, end: this.at }) as string;
  }

  /**
   * Passes a string that is printable ASCII, in which `"` and `\` alone are escaped, by a `\` before them: its bytes, quotes
   * included, may serve as they are. False, and nothing passed, for another string.
   */
  plainString(): boolean {
    const { bytes } = this;
    if (bytes[this.at] !== quote) this.#damaged();
    for (let at = this.at + 1; ; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === quote) {
        this.at = at + 1;
        return true;
      }
      if (byte < 0x20 || byte > 0x7e) return false;
      if (byte !== backslash) continue;
      const escaped = bytes[++at];
      if (escaped !== quote && escaped !== backslash) return false;
    }
  }

  /** Passes any value. */
  skip(): void {
    const { bytes } = this;
    let depth = 0;
    do {
      const byte = bytes[this.at];
      if (byte === quote) this.#skipString();
      else {
        if (byte === opening) depth++;
        else if (byte === closing) depth--;
        else if (byte === undefined || this.at >= this.#end) this.#damaged();
        this.at++;
      }
    } while (depth > 0 || !this.#atBorder);
  }

  get #atBorder(): boolean {
    const byte = this.bytes[this.at];
    return byte === comma || byte === closing || this.at >= this.#end;
  }

  #skipString(): void {
    const { bytes } = this;
    if (bytes[this.at] !== quote) this.#damaged();
    for (let at = this.at + 1; at < this.#end; at++) {
      const byte = bytes[at];
      if (byte === quote) {
        this.at = at + 1;
        return;
      }
      if (byte === backslash) at++;
    }
    this.#damaged();
  }

  #damaged(): never {
    throw new StoreError('damaged', 'what is kept of a message cannot be read');
  }
}
