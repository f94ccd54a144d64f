import { toUtf8Strict } from '@mox/runtime';
import { type Charset, findCharset, type OwnCharset } from './charset-label.ts';
import { HzDecoder, Iso2022JpDecoder, Iso2022KrDecoder } from './shifted-charsets.ts';
import {
  decodeSingleByte,
  findTextDecoder,
  GuessingDecoder,
  PlatformDecoder,
  SingleByteDecoder,
  type StreamDecoder,
} from './stream-decoder.ts';
import { Utf7Decoder, Utf16Decoder, Utf32Decoder } from './utf.ts';

/**
 * What was wrong with bytes or their label: `unknown-charset`: nothing decodes that label; `not-ascii`: more than ASCII under an
 * ASCII label; `malformed`: bytes that the charset does not have, now U+FFFD.
 */
export type CharsetProblem = 'unknown-charset' | 'not-ascii' | 'malformed';

/** Text out of bytes in a charset. */
export interface DecodedText {
  readonly text: string;
  /** The charset that it was decoded as, e.g. `utf-8`; the label's or, with a problem, the one that was taken in its place. */
  readonly charset: string;
  readonly problem?: CharsetProblem;
}

/** Whether a charset's label (RFC 2978 §2.3) is known. */
export function canDecode(label: string): boolean {
  return findCharset(label) !== undefined;
}

const ownDecoders: Readonly<Record<OwnCharset, () => StreamDecoder>> = {
  'us-ascii': () => new GuessingDecoder(),
  'utf-7': () => new Utf7Decoder(),
  'utf-16': () => new Utf16Decoder(),
  'utf-32': () => new Utf32Decoder(),
  'utf-32be': () => new Utf32Decoder(false),
  'utf-32le': () => new Utf32Decoder(true),
  'iso-2022-jp': () => new Iso2022JpDecoder(),
  'iso-2022-kr': () => new Iso2022KrDecoder(),
  'hz-gb-2312': () => new HzDecoder(),
};

function streamDecoder(charset: Charset | undefined): StreamDecoder {
  if (!charset) return new GuessingDecoder();
  if (charset.kind === 'platform') return new PlatformDecoder(charset.name);
  if (charset.kind === 'single-byte') return new SingleByteDecoder(charset.table);
  return ownDecoders[charset.name]();
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** UTF-8 where the bytes are that, otherwise windows-1252: what an unlabelled text most likely is. */
function guess(bytes: Uint8Array): { readonly text: string; readonly charset: string } {
  const text = toUtf8Strict(bytes);
  if (text !== undefined) return { text: withoutMark(text), charset: 'utf-8' };
  return { text: findTextDecoder('windows-1252')?.decode(bytes) ?? '', charset: 'windows-1252' };
}

/**
 * Text of a few bytes that stand for themselves: ASCII, and what windows-1252 shares with Latin-1; undefined for anything else.
 * Header fields are full of such, and a platform's decoder takes longer.
 */
function decodeShort(bytes: Uint8Array, name: string): string | undefined {
  if (bytes.length > 64 || name.startsWith('utf-16')) return undefined;
  const latin = name === 'windows-1252';
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte >= 0x80 && !(latin && byte >= 0xa0)) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function decodePlatform(bytes: Uint8Array, name: string): DecodedText {
  const short = decodeShort(bytes, name);
  return short === undefined ? withProblem(findTextDecoder(name)?.decode(bytes) ?? '', name) : { text: short, charset: name };
}

function withProblem(text: string, charset: string): DecodedText {
  // U+FFFD may also be in the text itself: where it is rare, that is let go.
  return text.includes('\ufffd') ? { text, charset, problem: 'malformed' } : { text, charset };
}

/**
 * Decodes bytes by the label that a message gave them. Never fails: an unknown label is read as UTF-8 or else windows-1252,
 * and so is what is not ASCII under the label of ASCII. A byte order mark is taken away.
 */
export function decodeCharset(bytes: Uint8Array, label: string): DecodedText {
  const charset = findCharset(label);
  if (!charset) return { ...guess(bytes), problem: 'unknown-charset' };
  if (charset.kind === 'platform') return decodePlatform(bytes, charset.name);
  if (charset.kind === 'single-byte') return withProblem(decodeSingleByte(charset.table, bytes), charset.name);
  if (charset.name === 'us-ascii') {
    const guessed = guess(bytes);
    // Characters beyond ASCII take more bytes than they have units.
    const ascii = guessed.charset === 'utf-8' && guessed.text.length === bytes.length;
    return ascii ? { text: guessed.text, charset: 'us-ascii' } : { ...guessed, problem: 'not-ascii' };
  }
  const decoder = streamDecoder(charset);
  return withProblem(decoder.push(bytes) + decoder.end(), charset.name);
}

/** Decodes text that comes in pieces, as `decodeCharset`, whatever the pieces' borders; an unknown charset is guessed as it goes. */
export class CharsetDecoder {
  readonly #decoder: StreamDecoder;
  /** Whether the label was known. */
  readonly known: boolean;

  constructor(label: string) {
    const charset = findCharset(label);
    this.known = charset !== undefined;
    this.#decoder = streamDecoder(charset);
  }

  /** Text that is complete with this piece. */
  push(bytes: Uint8Array): string {
    return this.#decoder.push(bytes);
  }

  /** What was left. */
  end(): string {
    return this.#decoder.end();
  }
}
