import { decompress } from '@mox/encoding';
import { toLatin1 } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';

const endMark = 0x06054b50;
const entryMark = 0x02014b50;
const localMark = 0x04034b50;
/** The end record is the last 22 bytes, but for a comment of up to 64 KiB behind it. */
const endSize = 22;
const longestComment = 0xffff;

/** A file as the directory of a ZIP archive has it. */
export interface ArchiveFile {
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
function* readDirectory(bytes: Uint8Array, view: DataView, mostEntries: number): Generator<ArchiveFile> {
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

function packedContent(bytes: Uint8Array, view: DataView, file: ArchiveFile): Uint8Array | undefined {
  const { offset } = file;
  if (offset + 30 > view.byteLength || view.getUint32(offset, true) !== localMark) return undefined;
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  return start + file.packedBytes > bytes.length ? undefined : bytes.subarray(start, start + file.packedBytes);
}

/** Whether bytes begin as a ZIP archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

/**
 * The files of a ZIP archive that may be reports, by their names; the first file where none has such a name. Archives of 4 GiB and more
 * are not read, and of others the first 64 files.
 */
export function listReportFiles(bytes: Uint8Array): readonly ArchiveFile[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // What macOS puts beside the files of an archive is named like them.
  const files = [...readDirectory(bytes, view, 64)].filter(({ name }) => !name.endsWith('/') && !name.startsWith('__MACOSX/'));
  const named = files.filter(({ name }) => /\.(?:xml|gz|zip)$/i.test(name));
  return named.length > 0 ? named : files.slice(0, 1);
}

/** Unpacks a file of an archive. */
export async function unzip(bytes: Uint8Array, file: ArchiveFile, mostBytes: number): Promise<Result<Uint8Array>> {
  const packed = packedContent(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), file);
  if (!packed) return parseError(file.offset, 'a damaged ZIP archive');
  if (file.encrypted) return parseError(file.offset, 'an encrypted ZIP archive');
  if (file.method === 8) return decompress('deflate-raw', packed, { mostBytes });
  if (file.method !== 0) return parseError(file.offset, `compression method ${file.method} of ZIP`);
  return packed.length > mostBytes ? parseError(0, `more than ${mostBytes} bytes`) : ok(packed);
}
