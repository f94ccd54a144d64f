import { Base64Decoder, QuotedPrintableDecoder, UuencodeDecoder } from '@mox/encoding';
import type { BinaryItem, BinarySizeItem } from '@mox/imap';
import type { Email } from '@mox/store';
import { streamRange } from '../blob-reader.ts';
import { type FetchedMessage, FetchProblem, type FetchWriter, type PreparedItem } from '../fetch-writer.ts';
import type { ImapConnection } from '../imap-connection.ts';
import { type ByteRange, clip, findPart } from '../part-path.ts';

interface Decoder {
  push(bytes: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

const identity: Decoder = { push: (bytes) => bytes, end: () => new Uint8Array() };

const decoders: ReadonlyMap<string, () => Decoder> = new Map<string, () => Decoder>([
  ['7bit', () => identity],
  ['8bit', () => identity],
  ['binary', () => identity],
  ['base64', () => new Base64Decoder()],
  ['quoted-printable', () => new QuotedPrintableDecoder()],
  ['x-uuencode', () => new UuencodeDecoder()],
]);

/** A part's bytes with the transfer encoding undone, and how to read them. Undefined where there is no such part. */
function decodedPart(email: Email, path: readonly number[], { account }: ImapConnection): (() => AsyncGenerator<Uint8Array>) | undefined {
  const part = path.length === 0 ? undefined : email.part && findPart(email.part, path);
  if (path.length > 0 && !part) return undefined;
  const range: ByteRange = part ? { start: part.bodyStart, end: part.bodyEnd } : { start: 0, end: email.sizeBytes };
  const make = part && !part.parts && !part.message ? decoders.get(part.encoding) : () => identity;
  // RFC 3516 §4.3
  if (!make) throw new FetchProblem('UNKNOWN-CTE', 'The transfer encoding of this part is not known');
  return async function* read() {
    const decoder = make();
    for await (const piece of await streamRange(account, email.blobId, range)) yield decoder.push(piece);
    yield decoder.end();
  };
}

/** The bytes [start, end) of what a generator brings. */
async function* slice(pieces: AsyncIterable<Uint8Array>, { start, end }: ByteRange): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of pieces) {
    const cut = piece.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += piece.length;
    if (cut.length > 0) yield cut;
    if (at >= end) return;
  }
}

/** Size of what will come, and whether it holds NUL, which only a literal8 may. */
async function measure(pieces: AsyncIterable<Uint8Array>): Promise<{ sizeBytes: number; hasNul: boolean }> {
  let sizeBytes = 0;
  let hasNul = false;
  for await (const piece of pieces) {
    sizeBytes += piece.length;
    hasNul ||= piece.includes(0);
  }
  return { sizeBytes, hasNul };
}

async function prepareBinary(item: BinaryItem, { email }: FetchedMessage, connection: ImapConnection): Promise<PreparedItem> {
  const label = `BINARY[${item.path.join('.')}]${item.partial ? `<${item.partial.offset}>` : ''}`;
  const read = email && decodedPart(email, item.path, connection);
  if (!read) return { text: `${label} NIL` };
  // Decoded twice: the size of a literal comes first, and no size is worth the memory.
  const { sizeBytes, hasNul } = await measure(read());
  const range = clip({ start: 0, end: sizeBytes }, item.partial);
  const literal = { sizeBytes: range.end - range.start, literal8: hasNul, read: async () => slice(read(), range) };
  return literal.sizeBytes === 0 ? { text: `${label} ""` } : { text: `${label} `, literal };
}

/** BINARY[…] and BINARY.PEEK[…] (RFC 3516 §4.2). */
export const binary: FetchWriter<BinaryItem> = {
  name: 'BINARY[]',
  fields: ['structure'],
  setsSeen: ({ peek }) => !peek,
  prepare: prepareBinary,
};

/** BINARY.SIZE[…] (RFC 3516 §4.2). */
export const binarySize: FetchWriter<BinarySizeItem> = {
  name: 'BINARY.SIZE[]',
  fields: ['structure'],
  async prepare(item, { email }, connection) {
    const read = email && decodedPart(email, item.path, connection);
    return { text: `BINARY.SIZE[${item.path.join('.')}] ${read ? (await measure(read())).sizeBytes : 0}` };
  },
};
