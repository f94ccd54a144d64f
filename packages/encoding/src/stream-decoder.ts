import { copyBytes } from '@mox/runtime';

/** Text out of bytes that come in pieces. */
export interface StreamDecoder {
  /** Text that is complete with this piece. */
  push(bytes: Uint8Array): string;
  /** What was left; U+FFFD for a character cut short. */
  end(): string;
}

/** Decoders of the platform, which are kept: making one costs more than decoding a header field. */
const textDecoders = new Map<string, TextDecoder | undefined>();

/** The platform's decoder for a label of the Encoding Standard, or undefined. Not for streams. */
export function findTextDecoder(label: string): TextDecoder | undefined {
  if (textDecoders.has(label)) return textDecoders.get(label);
  let decoder: TextDecoder | undefined;
  try {
    decoder = new TextDecoder(label);
  } catch {
    // not a label that the platform knows
  }
  // Labels come from peers: the memory of them is bounded.
  if (textDecoders.size >= 500) textDecoders.clear();
  textDecoders.set(label, decoder);
  return decoder;
}

/** A stream over the platform's decoder. */
export class PlatformDecoder implements StreamDecoder {
  readonly #label: string;
  #decoder: TextDecoder;

  constructor(label: string) {
    this.#label = label;
    this.#decoder = new TextDecoder(label);
  }

  push(bytes: Uint8Array): string {
    return this.#decode(bytes, true);
  }

  end(): string {
    return this.#decode(new Uint8Array(0), false);
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    try {
      return this.#decoder.decode(bytes, { stream });
    } catch {
      // By the Encoding Standard this cannot be; an engine's fault must not become the message's.
      this.#decoder = new TextDecoder(this.#label);
      return '\ufffd';
    }
  }
}

const littleEndian = /* @__PURE__ */ (() => new Uint8Array(Uint16Array.of(1).buffer)[0] === 1)();
/** Reads an Uint16Array as it lies in memory. */
const utf16 = /* @__PURE__ */ new TextDecoder(littleEndian ? 'utf-16le' : 'utf-16be', { ignoreBOM: true });

/** Text of bytes that each are a character. */
export function decodeSingleByte(table: Uint16Array, bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) units[i] = table[bytes[i] as number] as number;
  return utf16.decode(units);
}

/** A stream of a charset in which each byte is a character. */
export class SingleByteDecoder implements StreamDecoder {
  readonly #table: Uint16Array;

  constructor(table: Uint16Array) {
    this.#table = table;
  }

  push(bytes: Uint8Array): string {
    return decodeSingleByte(this.#table, bytes);
  }

  end(): string {
    return '';
  }
}

/** For an unknown charset: UTF-8 as long as it is UTF-8, from the first piece that is not on windows-1252. */
export class GuessingDecoder implements StreamDecoder {
  #utf8: TextDecoder | undefined = new TextDecoder('utf-8', { fatal: true });
  #carry: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): string {
    return this.#decode(bytes, true);
  }

  end(): string {
    return this.#decode(new Uint8Array(0), false);
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    if (this.#utf8) {
      try {
        const text = this.#utf8.decode(bytes, { stream });
        this.#carry = copyBytes(joined(this.#carry, bytes).subarray(-3));
        return text;
      } catch {
        this.#utf8 = undefined;
        const unfinished = unfinishedUtf8(this.#carry);
        return decodeWindows1252(joined(unfinished, bytes));
      }
    }
    return decodeWindows1252(bytes);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** The bytes of a UTF-8 character that the input ends in the middle of. */
function unfinishedUtf8(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.subarray(bytes.length - back) : new Uint8Array(0);
  }
  return new Uint8Array(0);
}

function decodeWindows1252(bytes: Uint8Array): string {
  return findTextDecoder('windows-1252')?.decode(bytes) ?? '';
}
