import { findDeflateEnd } from './deflate-end.ts';

/** Where a text with its NUL ends that begins at an offset. */
function findTextEnd(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(0, start);
  return end < 0 ? bytes.length : end + 1;
}

/** Where the data of a member begins. */
function findDataStart(bytes: Uint8Array, start: number): number {
  const flags = bytes[start + 3] ?? 0;
  let at = start + 10;
  if (flags & 4) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  if (flags & 8) at = findTextEnd(bytes, at);
  if (flags & 16) at = findTextEnd(bytes, at);
  return flags & 2 ? at + 2 : at;
}

/** Whether a member of gzip (RFC 1952) begins at an offset. */
function isMember(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x1f && bytes[at + 1] === 0x8b && bytes[at + 2] === 8;
}

/**
 * The members of gzip data (RFC 1952), as they stand one behind the other; what follows them and is none is left out. A member that is
 * damaged has all that is left.
 */
export function* gzipMembers(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; isMember(bytes, at); ) {
    const dataEnd = findDeflateEnd(bytes, findDataStart(bytes, at));
    // Check sum and length are behind the data.
    const end = dataEnd === undefined ? bytes.length : Math.min(dataEnd + 8, bytes.length);
    yield bytes.subarray(at, end);
    at = end;
  }
}
