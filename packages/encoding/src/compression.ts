import { concatBytes } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';

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

/** Decompresses bytes up to a limit: beyond it, and where the data is damaged, there is an error, and no more was unpacked. */
export async function decompress(format: CompressionFormat, bytes: Uint8Array, limits: DecompressLimits): Promise<Result<Uint8Array>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of readStream(streamOf(bytes).pipeThrough(new DecompressionStream(format)))) {
      length += piece.length;
      if (length > limits.mostBytes) return parseError(0, `more than ${limits.mostBytes} bytes when unpacked`);
      pieces.push(piece);
    }
  } catch {
    return parseError(0, `not ${format} data, or damaged`);
  }
  return ok(concatBytes(pieces));
}
