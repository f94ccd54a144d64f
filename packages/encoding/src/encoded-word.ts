import { fromLatin1, fromUtf8, toLatin1, toUtf8Strict } from '@mox/runtime';
import { type CharClass, charClass, hexValue } from '@mox/syntax';
import { encodeBase64 } from './base64.ts';
import { decodeBase64Into } from './base64-digits.ts';
import { decodeCharset } from './charset.ts';

/** An encoded word as found: its charset, where its encoded text stands, and where it ends. */
interface EncodedWord {
  readonly charset: string;
  readonly base64: boolean;
  readonly start: number;
  readonly close: number;
}

/** Opening of an encoded word: charset, RFC 2231 §5 language, encoding. Bounded, so that it costs a constant at each place. */
const opening: RegExp = /=\?[ "]{0,2}([^\s?*"(),/:;<>@[\]=]{1,64})(?:\*[A-Za-z0-9-]{0,64})?[ "]{0,2}\?([bBqQ])\?/y;

/**
 * A text that nobody may write, with characters beyond ASCII, in bytes as characters: it may be that already, or stand for its
 * characters in UTF-8.
 */
function rawBytes(text: string, charset: string): string {
  const isBytes = !/[^\0-\xff]/.test(text) && (!/^utf-?8$/i.test(charset) || toUtf8Strict(fromLatin1(text)) !== undefined);
  return isBytes ? text : toLatin1(fromUtf8(text));
}

/** Decodes a Q-encoded text (RFC 2047 §4.2) into `output` from `at` on; returns where it stopped writing. */
function decodeQ(text: string, output: Uint8Array, at: number): number {
  let written = at;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const low = code === 0x3d && i + 2 < text.length ? hexValue(text.charCodeAt(i + 2)) : -1;
    const high = low >= 0 ? hexValue(text.charCodeAt(i + 1)) : -1;
    if (high >= 0) {
      output[written++] = (high << 4) | low;
      i += 2;
    } else output[written++] = code === 0x5f ? 0x20 : code;
  }
  return written;
}

/** Finds the words of a text one after the other and decodes them, in time linear in the text. */
class WordReader {
  readonly #text: string;
  readonly #ascii: boolean;
  /** The next `?=` and `=?` at or behind the place they were last looked for from: not looked for again before it is passed. */
  #close = -1;
  #open = -1;
  /** Bytes of the words that are decoded together. */
  readonly #bytes: Uint8Array;
  #length = 0;
  /** Where those of the last word start, and whether the words before it left a charset in another state than ASCII. */
  #added = 0;
  #shifted = false;

  constructor(text: string) {
    this.#text = text;
    this.#ascii = /^[\0-\x7f]*$/.test(text);
    // No encoding makes more bytes than it has characters, but for characters that nobody may write.
    this.#bytes = new Uint8Array(this.#ascii ? text.length : 3 * text.length);
  }

  /** The encoded word that starts at `at`, which is a `=?`. */
  read(at: number): EncodedWord | undefined {
    const first = this.#text.charCodeAt(at + 2);
    if (first === 0x3d || first === 0x3f) return undefined;
    opening.lastIndex = at;
    const match = opening.exec(this.#text);
    if (!match) return undefined;
    const start = opening.lastIndex;
    if (this.#close < start) this.#close = this.#find('?=', start);
    if (this.#open < start) this.#open = this.#find('=?', start);
    const close = this.#close;
    // An opening inside the word: this one was never closed. `=?=` is an escape's `=` and the close.
    if (close === this.#text.length || this.#open < close - 1) return undefined;
    return { charset: match[1] ?? '', base64: match[2] === 'b' || match[2] === 'B', start, close };
  }

  /** Adds the bytes of a word to those that `take` decodes. */
  add(word: EncodedWord): void {
    let content = this.#text.slice(word.start, word.close);
    if (!this.#ascii) content = rawBytes(content, word.charset);
    this.#added = this.#length;
    const decode = word.base64 ? decodeBase64Into : decodeQ;
    this.#length = decode(content, this.#bytes, this.#length);
  }

  /** Whether the word that was added last leaves ISO-2022-JP in another state than ASCII, or within an escape sequence. */
  endsShifted(): boolean {
    const added = this.#bytes.subarray(this.#added, this.#length);
    const escape = added.lastIndexOf(0x1b);
    if (escape >= 0) this.#shifted = !(added[escape + 1] === 0x28 && (added[escape + 2] === 0x42 || added[escape + 2] === 0x4a));
    return this.#shifted;
  }

  /** Text of the bytes that were added. */
  take(charset: string): string {
    const text = decodeCharset(this.#bytes.subarray(0, this.#length), charset).text;
    this.#length = 0;
    this.#shifted = false;
    return text;
  }

  /** The text's length stands for nowhere. */
  #find(mark: string, from: number): number {
    const at = this.#text.indexOf(mark, from);
    return at < 0 ? this.#text.length : at;
  }
}

/** Offset behind linear white space. */
function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 9 && code !== 13 && code !== 10) break;
    at++;
  }
  return at;
}

/** Charsets whose bytes mean something only behind others: each word starts anew. */
const stateful = /^(?:iso-2022|hz|utf-?7)/i;

/**
 * Whether the bytes of two adjacent words are joined before they are decoded: a character may be split over words of one charset,
 * against RFC 2047 §5. Where a charset has escape sequences only so if the word before was cut: one that is whole ends in ASCII (RFC 1468).
 */
function areJoined(charset: string, following: string, reader: WordReader): boolean {
  if (charset !== following && charset.toLowerCase() !== following.toLowerCase()) return false;
  return !stateful.test(charset) || (/^iso-2022-jp/i.test(charset) && reader.endsShifted());
}

/** Reads words as long as one follows the other with nothing but white space between, and decodes them. */
function decodeRun(text: string, reader: WordReader, first: EncodedWord): { readonly text: string; readonly end: number } {
  let decoded = '';
  let word = first;
  for (;;) {
    reader.add(word);
    const next = skipBlanks(text, word.close + 2);
    const following = text.startsWith('=?', next) ? reader.read(next) : undefined;
    if (!following || !areJoined(word.charset, following.charset, reader)) decoded += reader.take(word.charset);
    if (!following) return { text: decoded, end: word.close + 2 };
    word = following;
  }
}

/**
 * Decodes the encoded words in the text of a header field (RFC 2047 §6, language of RFC 2231 §5), wherever they stand: white space
 * between adjacent ones is dropped, a word that cannot be read stays as it is. Never fails; time is linear in the text.
 *
 * deviates RFC 2047 §5: words need no white space around them, may be longer than 75 characters, may hold blanks, and their charset may stand
 * in quotes.
 */
export function decodeEncodedWords(text: string): string {
  let at = text.indexOf('=?');
  if (at < 0) return text;
  const reader = new WordReader(text);
  let decoded = '';
  let from = 0;
  while (at >= 0) {
    const word = reader.read(at);
    if (!word) {
      at = text.indexOf('=?', at + 1);
      continue;
    }
    const run = decodeRun(text, reader, word);
    decoded += text.slice(from, at) + run.text;
    from = run.end;
    at = text.indexOf('=?', from);
  }
  return decoded + text.slice(from);
}

/** How to write encoded words. */
export interface EncodeWordsOptions {
  /** The text is a phrase, as a display name: only atoms stay as they are (RFC 2047 §5 rule 3). */
  readonly phrase?: boolean;
  /** Longest encoded word; 75 at most and unless said otherwise (RFC 2047 §2). */
  readonly wordLength?: number;
}

/** Characters of a Q-encoded word in a phrase, which are safe everywhere (RFC 2047 §5 rule 3). */
/** How a byte is written where it does not stand for itself. */
const qEscapes: readonly string[] = /* @__PURE__ */ Array.from(
  { length: 256 },
  (_, byte) => `=${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`,
);

const isQLiteral: CharClass = /* @__PURE__ */ charClass(['A', 'Z'], ['a', 'z'], ['0', '9'], '!*+-/');
const isAtomText: CharClass = /* @__PURE__ */ charClass(['A', 'Z'], ['a', 'z'], ['0', '9'], "!#$%&'*+-/=?^_`{|}~");

function encodeQ(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (isQLiteral(byte)) text += String.fromCharCode(byte);
    else text += byte === 0x20 ? '_' : qEscapes[byte];
  }
  return text;
}

/** Length of a byte in Q. */
function qLength(byte: number): number {
  return isQLiteral(byte) || byte === 0x20 ? 1 : 3;
}

/** Offset of the next character of UTF-8. */
function nextCharacter(bytes: Uint8Array, at: number): number {
  let next = at + 1;
  while (next < bytes.length && ((bytes[next] ?? 0) & 0xc0) === 0x80) next++;
  return next;
}

/** Length of bytes in Q. */
function qLengthOf(bytes: Uint8Array): number {
  let length = 0;
  for (const byte of bytes) length += qLength(byte);
  return length;
}

/** Most bytes of a word that are left to the next one for the sake of padding. */
const fewBytes = 15;

/** Writes words in base64 that others follow, without padding: what is too much stands in Q before them. Undefined where it does not fit. */
function formatUnpadded(bytes: Uint8Array, room: number): readonly string[] | undefined {
  let head = 0;
  while (head < bytes.length && (bytes.length - head) % 3 !== 0) head = nextCharacter(bytes, head);
  if (head === bytes.length || qLengthOf(bytes.subarray(0, head)) > room) return undefined;
  const rest = formatWord(bytes.subarray(head), false);
  return head === 0 ? [rest] : [formatWord(bytes.subarray(0, head), true), rest];
}

/** Writes a text in base64 words; one that others follow has no padding, where that can be. */
function encodeBase64Words(bytes: Uint8Array, room: number): string[] {
  const limit = Math.floor(room / 4) * 3;
  const words: string[] = [];
  let start = 0;
  // The last end of a character that is whole groups of base64 behind the start.
  let unpadded = 0;
  for (let at = 0; at < bytes.length; ) {
    const next = nextCharacter(bytes, at);
    if (next - start > limit && at > start) {
      const split = at - unpadded > fewBytes ? formatUnpadded(bytes.subarray(start, at), room) : undefined;
      const end = split || unpadded === start ? at : unpadded;
      words.push(...(split ?? [formatWord(bytes.subarray(start, end), false)]));
      start = end;
      unpadded = end;
      at = end;
      continue;
    }
    if ((next - start) % 3 === 0) unpadded = next;
    at = next;
  }
  if (start < bytes.length) words.push(formatWord(bytes.subarray(start), false));
  return words;
}

function encodeQWords(bytes: Uint8Array, room: number): string[] {
  const words: string[] = [];
  let start = 0;
  let size = 0;
  for (let at = 0; at < bytes.length; ) {
    const next = nextCharacter(bytes, at);
    const added = qLengthOf(bytes.subarray(at, next));
    if (size + added > room && at > start) {
      words.push(formatWord(bytes.subarray(start, at), true));
      start = at;
      size = 0;
    }
    size += added;
    at = next;
  }
  if (start < bytes.length) words.push(formatWord(bytes.subarray(start), true));
  return words;
}

/**
 * Writes a text as encoded words in UTF-8, each within the limit, none with a part of a character (RFC 2047 §5). Some readers join what stands
 * in adjacent words in base64 and read no further than to the first padding: there is none but in the last word.
 */
function encodeRun(text: string, wordLength: number): string {
  const bytes = fromUtf8(text);
  const room = wordLength - '=?utf-8?q??='.length;
  const useQ = qLengthOf(bytes) <= Math.ceil(bytes.length / 3) * 4;
  return (useQ ? encodeQWords(bytes, room) : encodeBase64Words(bytes, room)).join(' ');
}

function formatWord(bytes: Uint8Array, useQ: boolean): string {
  return useQ ? `=?utf-8?q?${encodeQ(bytes)}?=` : `=?utf-8?b?${encodeBase64(bytes)}?=`;
}

function mustEncode(word: string, phrase: boolean): boolean {
  if (word.includes('=?') || word.length > 900) return true;
  if (!phrase) return /[^!-~]/.test(word);
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i);
    if (code > 126 || !isAtomText(code)) return true;
  }
  return false;
}

/**
 * Writes the text of a header field so that it is ASCII: words that need it become encoded words in UTF-8, runs of such words
 * together with the blanks between them. Nothing is folded: a line may be broken at any space. RFC 2047 §2, §5.
 */
export function encodeWords(text: string, options: EncodeWordsOptions = {}): string {
  const wordLength = Math.min(options.wordLength ?? 75, 75);
  // Words at even places, the blanks between them at odd ones.
  const pieces = text.split(/([ \t\r\n]+)/);
  const encode = pieces.map((piece, i) => i % 2 === 0 && mustEncode(piece, options.phrase === true));
  for (let i = 1; i < pieces.length; i += 2) {
    // Only a single space inside the text stands for itself: other blanks would not survive folding.
    if (pieces[i] === ' ' && pieces[i - 1] !== '' && pieces[i + 1] !== '') continue;
    encode[i - 1] = true;
    encode[i + 1] = true;
  }
  const written: string[] = [];
  for (let i = 0; i < pieces.length; i += 2) {
    if (!encode[i]) {
      written.push(pieces[i] ?? '');
      continue;
    }
    const start = i;
    while (encode[i + 2]) i += 2;
    written.push(encodeRun(pieces.slice(start, i + 1).join(''), wordLength));
  }
  return written.join(' ');
}
