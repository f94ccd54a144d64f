import { PlatformDecoder, type StreamDecoder } from './stream-decoder.ts';

const escape = 0x1b;
const lf = 10;
const tilde = 0x7e;

/** ISO-2022-KR (RFC 1557): the two-byte set stands between SO and SI, as EUC-KR without the high bits. */
export class Iso2022KrDecoder implements StreamDecoder {
  readonly #eucKr: PlatformDecoder = new PlatformDecoder('euc-kr');
  #shifted = false;
  /** Bytes of the designator ESC $ ) C that have been seen. */
  #designator = 0;

  push(bytes: Uint8Array): string {
    const output = new Uint8Array(bytes.length + 4);
    let length = 0;
    for (const byte of bytes) {
      if (this.#designator > 0 || byte === escape) {
        this.#designator = byte === '\x1b$)C'.charCodeAt(this.#designator) ? (this.#designator + 1) % 4 : 0;
        continue;
      }
      if (byte === 0x0e) this.#shifted = true;
      else if (byte === 0x0f) this.#shifted = false;
      else {
        if (byte === lf) this.#shifted = false;
        output[length++] = this.#shifted && byte > 0x20 ? byte | 0x80 : byte;
      }
    }
    return this.#eucKr.push(output.subarray(0, length));
  }

  end(): string {
    return this.#eucKr.end();
  }
}

/** HZ-GB-2312 (RFC 1843 §2): GB 2312 stands between `~{` and `~}`, without the high bits. */
export class HzDecoder implements StreamDecoder {
  readonly #gbk: PlatformDecoder = new PlatformDecoder('gbk');
  #shifted = false;
  #tilde = false;

  push(bytes: Uint8Array): string {
    const output = new Uint8Array(bytes.length + 1);
    let length = 0;
    for (const byte of bytes) {
      if (this.#tilde) {
        this.#tilde = false;
        if (byte === 0x7b) this.#shifted = true;
        else if (byte === 0x7d) this.#shifted = false;
        else if (byte === tilde) output[length++] = tilde;
        else if (byte !== lf) output[length++] = byte;
      } else if (byte === tilde) this.#tilde = true;
      else {
        if (byte === lf) this.#shifted = false;
        output[length++] = this.#shifted && byte > 0x20 ? byte | 0x80 : byte;
      }
    }
    return this.#gbk.push(output.subarray(0, length));
  }

  end(): string {
    return this.#gbk.end();
  }
}
