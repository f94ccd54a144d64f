import { formatString } from '@mox/imap';
import { PackedReader, type PackedText } from '@mox/store';
import type { ByteWriter } from './byte-writer.ts';

/** A packed string: most are the same bytes in IMAP, the others are written as `formatString` has them. */
export function writeString(out: ByteWriter, reader: PackedReader, utf8: boolean): void {
  const { at } = reader;
  if (reader.plainString()) out.bytes(reader.bytes, at, reader.at);
  else out.text(formatString(reader.string(), utf8));
}

/** A packed string or nothing. */
export function writeNstring(out: ByteWriter, reader: PackedReader, utf8: boolean): void {
  if (reader.absent()) out.word('NIL');
  else writeString(out, reader, utf8);
}

/** A list of addresses. False, and nothing written, where there is none. */
function writeAddresses(out: ByteWriter, reader: PackedReader, utf8: boolean): boolean {
  if (reader.absent() || !reader.enter()) return false;
  let before = '((';
  do {
    out.word(before);
    before = '(';
    for (let i = 0; i < 4; i++) {
      if (i > 0) out.word(' ');
      writeNstring(out, reader, utf8);
      if (i < 3) reader.more();
    }
    out.word(')');
  } while (reader.more());
  out.word(')');
  return true;
}

/** Writes an envelope in the order of `PackedEnvelope` as `formatEnvelope` would. */
export function writePackedEnvelope(out: ByteWriter, reader: PackedReader, utf8: boolean): void {
  const addresses = (): void => {
    reader.more();
    out.word(' ');
    if (!writeAddresses(out, reader, utf8)) out.word('NIL');
  };
  const nstring = (before: string): void => {
    out.word(before);
    writeNstring(out, reader, utf8);
  };
  reader.enter();
  nstring('(');
  reader.more();
  nstring(' ');
  const from = out.length;
  addresses();
  const fromEnd = out.length;
  for (let i = 0; i < 2; i++) {
    // Sender and Reply-To are From where the message has none of its own.
    reader.more();
    out.word(' ');
    if (reader.isNumber) reader.number();
    else if (writeAddresses(out, reader, utf8)) continue;
    out.again(from + 1, fromEnd);
  }
  for (let i = 0; i < 3; i++) addresses();
  reader.more();
  nstring(' ');
  reader.more();
  nstring(' ');
  reader.more();
  out.word(')');
}

/** Writes a packed envelope (RFC 9051 §7.5.2) byte for byte as `formatEnvelope` writes its object, without making one. */
export function writeEnvelope(out: ByteWriter, packed: PackedText, utf8: boolean): void {
  writePackedEnvelope(out, new PackedReader(packed), utf8);
}
