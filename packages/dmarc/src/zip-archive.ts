import { decompress } from '@mox/encoding';
import { toLatin1 } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';

const endMark = 0x06054b50;
const entryMark = 0x02014b50;
const localMark = 0x04034b50;
/** The end record is the last 22 bytes, but for a comment of up to 64 KiB behind it. */
const endSize = 22;
const longestComment = 0xffff;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly packedBytes: number;
  readonly offset: number;
}

function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - endSize - longestComment);
  for (let at = view.byteLength - endSize; at >= first; at--) if (view.getUint32(at, true) === endMark) return at;
  return -1;
}

/** The entries of the central directory, up to a number. */
function* readDirectory(bytes: Uint8Array, view: DataView, mostEntries: number): Generator<Entry> {
  const end = findEnd(view);
  if (end < 0) return;
  let at = view.getUint32(end + 16, true);
  for (let count = 0; count < mostEntries && at + 46 <= view.byteLength && view.getUint32(at, true) === entryMark; count++) {
    const nameLength = view.getUint16(at + 28, true);
    yield {
      name: toLatin1(bytes, at + 46, Math.min(at + 46 + nameLength, bytes.length)),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      packedBytes: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    };
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

function packedContent(bytes: Uint8Array, view: DataView, entry: Entry): Uint8Array | undefined {
  const { offset } = entry;
  if (offset + 30 > view.byteLength || view.getUint32(offset, true) !== localMark) return undefined;
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  return start + entry.packedBytes > bytes.length ? undefined : bytes.subarray(start, start + entry.packedBytes);
}

/** Whether bytes begin as a ZIP archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

/**
 * Unpacks one file of a ZIP archive: the first that is named `.xml`, else the first one. `mostBytes` is given the size of what is
 * packed. Archives of more than 64 files, encrypted ones and those of 4 GiB and more are not read.
 */
export async function unzipReport(bytes: Uint8Array, mostBytes: (packedBytes: number) => number): Promise<Result<Uint8Array>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = [...readDirectory(bytes, view, 64)].filter((entry) => !entry.name.endsWith('/'));
  const entry = entries.find(({ name }) => /\.xml$/i.test(name)) ?? entries[0];
  if (!entry) return parseError(0, 'a ZIP archive without files, or damaged');
  const packed = packedContent(bytes, view, entry);
  if (!packed) return parseError(entry.offset, 'a damaged ZIP archive');
  if (entry.encrypted) return parseError(entry.offset, 'an encrypted ZIP archive');
  const most = mostBytes(packed.length);
  if (entry.method === 8) return decompress('deflate-raw', packed, { mostBytes: most });
  if (entry.method !== 0) return parseError(entry.offset, `compression method ${entry.method} of ZIP`);
  return packed.length > most ? parseError(0, `more than ${most} bytes`) : ok(packed);
}
