import { fromUtf8 } from '@mox/runtime';
import { type Charset, findCharset } from './charset-label.ts';

/** Bytes of a charset, and whether every character had some. */
export interface EncodedText {
  readonly bytes: Uint8Array;
  /** Characters that the charset does not have, written as `?`. */
  readonly missing: number;
}

/** Bytes by character: what a decoder says, turned round. */
type ReverseTable = ReadonlyMap<string, readonly number[]>;

const reverseTables = new Map<string, ReverseTable>();

function reverseSingleByte(decode: (bytes: Uint8Array) => string): Map<string, readonly number[]> {
  const table = new Map<string, readonly number[]>();
  for (let byte = 255; byte >= 0; byte--) {
    const character = decode(Uint8Array.of(byte));
    if (character !== '' && character !== '\ufffd') table.set(character, [byte]);
  }
  return table;
}

/** Adds what the pairs of a two-byte charset stand for; of several the first counts, as it is the one in common use. */
function addPairs(table: Map<string, readonly number[]>, decode: (bytes: Uint8Array) => string): void {
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const character = decode(Uint8Array.of(lead, trail));
      if ([...character].length === 1 && character !== '\ufffd' && !table.has(character)) table.set(character, [lead, trail]);
    }
  }
}

const twoByteCharsets: ReadonlySet<string> = new Set(['gbk', 'gb18030', 'big5', 'euc-kr', 'euc-jp', 'shift_jis']);

function reverseTable(charset: Charset): ReverseTable | undefined {
  const known = reverseTables.get(charset.name);
  if (known) return known;
  let table: Map<string, readonly number[]> | undefined;
  if (charset.kind === 'single-byte') table = reverseSingleByte((bytes) => String.fromCharCode(charset.table[bytes[0] ?? 0] ?? 0));
  else if (charset.kind === 'platform' && !/^(?:utf|iso-2022)/.test(charset.name)) {
    const decoder = new TextDecoder(charset.name);
    const decode = (bytes: Uint8Array): string => decoder.decode(bytes);
    table = reverseSingleByte(decode);
    if (twoByteCharsets.has(charset.name)) addPairs(table, decode);
  } else if (charset.name === 'us-ascii')
    table = reverseSingleByte((bytes) => ((bytes[0] ?? 0) < 0x80 ? String.fromCharCode(bytes[0] ?? 0) : ''));
  if (table) reverseTables.set(charset.name, table);
  return table;
}

function encodeUtf16(text: string, little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), little);
  return new Uint8Array(view.buffer);
}

/**
 * Writes text in a charset: UTF-8, UTF-16, single-byte charsets, and the two-byte charsets of East Asia. Undefined for a label that
 * is unknown or that this package does not write (ISO-2022, HZ, UTF-7, UTF-32). GB 18030 is written as far as two bytes reach.
 */
export function encodeCharset(text: string, label: string): EncodedText | undefined {
  const charset = findCharset(label);
  if (!charset) return undefined;
  if (charset.name === 'utf-8') return { bytes: fromUtf8(text), missing: 0 };
  if (charset.name === 'utf-16le') return { bytes: encodeUtf16(text, true), missing: 0 };
  if (charset.name === 'utf-16' || charset.name === 'utf-16be') return { bytes: encodeUtf16(text, false), missing: 0 };
  const table = reverseTable(charset);
  if (!table) return undefined;
  const bytes: number[] = [];
  let missing = 0;
  for (const character of text) {
    const found = table.get(character);
    if (!found) missing++;
    for (const byte of found ?? [0x3f]) bytes.push(byte);
  }
  return { bytes: Uint8Array.from(bytes), missing };
}
