import { emptyBytes } from '@mox/runtime';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const padCode = 0x3d;

/* @__NO_SIDE_EFFECTS__ */
function makeDigitValues(): Int8Array {
  const values = new Int8Array(256).fill(-1);
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;
  values[0x2d] = 62;
  values[0x5f] = 63;
  return values;
}

/** Value of each byte as a digit of base64, those of the URL alphabet among them; -1 for what is none. */
export const digitValues: Int8Array = makeDigitValues();

/** Decodes digits of base64 one by one into an array of its own; what is none is passed over. */
export class DigitDecoder {
  #output: Uint8Array = emptyBytes;
  #length = 0;
  #bits = 0;
  #count = 0;

  /** Digits that wait for the rest of their group of four. */
  get pending(): number {
    return this.#count;
  }

  /** Makes room for what so many more bytes of input may give. What was decoded before and not taken is gone. */
  reserve(inputBytes: number): void {
    this.#output = new Uint8Array(Math.ceil(inputBytes / 4) * 3 + 3);
    this.#length = 0;
  }

  /** Decodes the bytes from one index to another. */
  decode(bytes: Uint8Array, from: number, to: number): void {
    const output = this.#output;
    let written = this.#length;
    let bits = this.#bits;
    let count = this.#count;
    for (let at = from; at < to; at++) {
      const value = digitValues[bytes[at] as number] as number;
      if (value < 0) continue;
      bits = (bits << 6) | value;
      if (++count < 4) continue;
      output[written++] = bits >>> 16;
      output[written++] = bits >>> 8;
      output[written++] = bits;
      bits = 0;
      count = 0;
    }
    this.#length = written;
    this.#bits = bits;
    this.#count = count;
  }

  /** Adds bytes that were decoded elsewhere. */
  add(decoded: Uint8Array): void {
    this.#output.set(decoded, this.#length);
    this.#length += decoded.length;
  }

  /** Adds the bytes that an unfinished group holds. */
  flush(): void {
    if (this.#count >= 2) this.#output[this.#length++] = this.#bits >>> (6 * this.#count - 8);
    if (this.#count === 3) this.#output[this.#length++] = this.#bits >>> 2;
    this.#bits = 0;
    this.#count = 0;
  }

  /** What was decoded since there was room made for it. */
  take(): Uint8Array {
    return this.#output.subarray(0, this.#length);
  }
}

/** Decodes a short text of digits, padding wherever it stands, into `output` from `at` on; returns where it stopped writing. */
export function decodeBase64Into(text: string, output: Uint8Array, at: number): number {
  let written = at;
  let bits = 0;
  let count = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : padCode;
    const value = code < 256 ? (digitValues[code] as number) : -1;
    if (value >= 0) {
      bits = (bits << 6) | value;
      if (++count < 4) continue;
      output[written++] = bits >>> 16;
      output[written++] = bits >>> 8;
      output[written++] = bits;
    } else if (code === padCode) {
      if (count >= 2) output[written++] = bits >>> (6 * count - 8);
      if (count === 3) output[written++] = bits >>> 2;
    } else continue;
    bits = 0;
    count = 0;
  }
  return written;
}
