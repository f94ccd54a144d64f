import { concatBytes, emptyBytes } from '@mox/runtime';
import { PlatformDecoder, type StreamDecoder } from './stream-decoder.ts';

const plus = 0x2b;
const minus = 0x2d;

/** Value of a byte as a digit of base64, or -1. */
function digitValue(byte: number): number {
  if (byte >= 65 && byte <= 90) return byte - 65;
  if (byte >= 97 && byte <= 122) return byte - 71;
  if (byte >= 48 && byte <= 57) return byte + 4;
  return byte === plus ? 62 : byte === 0x2f ? 63 : -1;
}

/** UTF-7 (RFC 2152). What is ill-formed is passed over. */
export class Utf7Decoder implements StreamDecoder {
  #shifted = false;
  #fresh = false;
  #bits = 0;
  #bitCount = 0;

  push(bytes: Uint8Array): string {
    let text = '';
    for (const byte of bytes) text += this.#shifted ? this.#shiftedByte(byte) : this.#directByte(byte);
    return text;
  }

  end(): string {
    this.#shifted = false;
    return '';
  }

  #directByte(byte: number): string {
    if (byte !== plus) return byte < 0x80 ? String.fromCharCode(byte) : '\ufffd';
    this.#shifted = true;
    this.#fresh = true;
    this.#bits = 0;
    this.#bitCount = 0;
    return '';
  }

  #shiftedByte(byte: number): string {
    const fresh = this.#fresh;
    this.#fresh = false;
    const value = digitValue(byte);
    if (value < 0) {
      this.#shifted = false;
      if (byte === minus) return fresh ? '+' : '';
      return this.#directByte(byte);
    }
    this.#bits = ((this.#bits << 6) | value) & 0x3fffff;
    this.#bitCount += 6;
    if (this.#bitCount < 16) return '';
    this.#bitCount -= 16;
    return String.fromCharCode((this.#bits >>> this.#bitCount) & 0xffff);
  }
}

/** UTF-16 that does not name its byte order: by the mark, or by where the zero bytes are, or else big-endian (RFC 2781 §4.3). */
export class Utf16Decoder implements StreamDecoder {
  #carry: Uint8Array = emptyBytes;
  #decoder: PlatformDecoder | undefined;

  push(bytes: Uint8Array): string {
    if (this.#decoder) return this.#decoder.push(bytes);
    const all = concatBytes([this.#carry, bytes]);
    if (all.length < 2) {
      this.#carry = all.slice();
      return '';
    }
    this.#decoder = new PlatformDecoder(isLittleEndian(all) ? 'utf-16le' : 'utf-16be');
    return this.#decoder.push(all);
  }

  end(): string {
    return this.#decoder?.end() ?? (this.#carry.length > 0 ? '\ufffd' : '');
  }
}

function isLittleEndian(bytes: Uint8Array): boolean {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return true;
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return false;
  let balance = 0;
  for (let i = 0; i + 1 < Math.min(bytes.length, 1024); i += 2) balance += (bytes[i + 1] === 0 ? 1 : 0) - (bytes[i] === 0 ? 1 : 0);
  return balance > 0;
}

/** UTF-32, by the mark or by the label, or else big-endian (the Unicode Standard §3.10). */
export class Utf32Decoder implements StreamDecoder {
  #carry: Uint8Array = emptyBytes;
  #little: boolean | undefined;
  #started = false;

  constructor(little?: boolean) {
    this.#little = little;
  }

  push(bytes: Uint8Array): string {
    const all = concatBytes([this.#carry, bytes]);
    const whole = all.length - (all.length % 4);
    this.#carry = all.slice(whole);
    this.#little ??= whole > 0 ? all[0] === 0xff && all[1] === 0xfe : undefined;
    const view = new DataView(all.buffer, all.byteOffset, whole);
    let text = '';
    for (let i = 0; i < whole; i += 4) {
      const code = view.getUint32(i, this.#little);
      if (!this.#started && code === 0xfeff) this.#started = true;
      else text += code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? '\ufffd' : String.fromCodePoint(code);
      this.#started = true;
    }
    return text;
  }

  end(): string {
    return this.#carry.length > 0 ? '\ufffd' : '';
  }
}
