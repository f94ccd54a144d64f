import { concatBytes } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';
import { gzipMembers } from './gzip-members.ts';

/** Formats of compressed data: gzip (RFC 1952), and the bare DEFLATE of ZIP archives (RFC 1951). */
export type CompressionFormat = 'gzip' | 'deflate-raw';

/** Bounds on what comes out of compressed data: a few bytes may stand for gigabytes. */
export interface DecompressLimits {
  /** Most bytes; the rest is not looked at. */
  readonly mostBytes: number;
}

async function* readStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // What is left is not wanted: the stream stops working.
    await reader.cancel().catch(() => {});
  }
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  });
}

/** Compresses bytes by the platform's own code. */
export async function compress(format: CompressionFormat, bytes: Uint8Array): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readStream(streamOf(bytes).pipeThrough(new CompressionStream(format)))) pieces.push(piece);
  return concatBytes(pieces);
}

/** What came of bytes: they are damaged, or come to more than is wanted. */
type Unpacked = Uint8Array | 'damaged' | 'too long';

async function unpack(format: CompressionFormat, bytes: Uint8Array, { mostBytes }: DecompressLimits): Promise<Unpacked> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of readStream(streamOf(bytes).pipeThrough(new DecompressionStream(format)))) {
      length += piece.length;
      if (length > mostBytes) return 'too long';
      pieces.push(piece);
    }
  } catch {
    return 'damaged';
  }
  return concatBytes(pieces);
}

/** Members of gzip data; each costs what it takes to set a stream up, however short it is. */
const mostMembers = 1000;

/** Unpacks gzip data member by member: the streams of the platform take one, and nothing behind it. */
async function unpackMembers(bytes: Uint8Array, { mostBytes }: DecompressLimits): Promise<Unpacked> {
  const pieces: Uint8Array[] = [];
  let bytesLeft = mostBytes;
  for (const member of gzipMembers(bytes)) {
    if (pieces.length === mostMembers || member.length === bytes.length) return 'damaged';
    const unpacked = await unpack('gzip', member, { mostBytes: bytesLeft });
    if (typeof unpacked === 'string') return unpacked;
    pieces.push(unpacked);
    bytesLeft -= unpacked.length;
  }
  return pieces.length === 0 ? 'damaged' : concatBytes(pieces);
}

/**
 * Decompresses bytes up to a limit: beyond it, and where the data is damaged, there is an error, and no more was unpacked. gzip data may
 * have up to 1,000 members, one behind the other (RFC 1952); what stands behind them and is none, as padding and line ends, is passed over.
 */
export async function decompress(format: CompressionFormat, bytes: Uint8Array, limits: DecompressLimits): Promise<Result<Uint8Array>> {
  let unpacked = await unpack(format, bytes, limits);
  if (unpacked === 'damaged' && format === 'gzip') unpacked = await unpackMembers(bytes, limits);
  if (unpacked === 'too long') return parseError(0, `more than ${limits.mostBytes} bytes when unpacked`);
  return unpacked === 'damaged' ? parseError(0, `not ${format} data, or damaged`) : ok(unpacked);
}
