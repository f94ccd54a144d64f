import { concatBytes, emptyBytes } from '@mox/runtime';
import { findTextDecoder, PlatformDecoder, type StreamDecoder } from './stream-decoder.ts';

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

/** Lines are cut at this length: bounds what is kept between pieces. */
const lineLimit = 8192;

/**
 * ISO-2022-JP (RFC 1468), of which each line starts in ASCII. Some platforms fail where an escape sequence is cut by the border of
 * two pieces, so pieces are cut at line ends.
 */
export class Iso2022JpDecoder implements StreamDecoder {
  #carry: Uint8Array = emptyBytes;

  push(bytes: Uint8Array): string {
    const all = this.#carry.length > 0 ? concatBytes([this.#carry, bytes]) : bytes;
    let text = '';
    /** Start of the lines that are decoded together, as each but the last is known to end in ASCII. */
    let start = 0;
    let from = 0;
    for (;;) {
      const end = all.indexOf(lf, from);
      const next = Math.min(end < 0 ? Infinity : end + 1, from + lineLimit);
      if (next > all.length) break;
      if (next !== end + 1 || !endsInAscii(all, from, next)) {
        text += decodeLines(all.subarray(start, next));
        start = next;
      }
      from = next;
    }
    text += decodeLines(all.subarray(start, from));
    this.#carry = all.slice(from);
    return text;
  }

  end(): string {
    const last = this.#carry;
    this.#carry = emptyBytes;
    return decodeLines(last);
  }
}

/** Whether a line that starts in ASCII ends in it: its last escape sequence, if any, is `ESC ( B`. */
function endsInAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let at = end - 1;
  while (at >= start && bytes[at] !== escape) at--;
  return at < start || (bytes[at + 1] === 0x28 && bytes[at + 2] === 0x42);
}

function decodeLines(lines: Uint8Array): string {
  return lines.length === 0 ? '' : (findTextDecoder('iso-2022-jp')?.decode(lines) ?? '');
}
