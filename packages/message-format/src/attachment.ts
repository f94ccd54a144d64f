import { encodeBase64 } from '@mox/encoding';
import { fromUtf8, hash } from '@mox/runtime';
import { isReadable } from './body-parts.ts';
import { type DecodedBody, decodeBody, decodeBodyStream, rawBody, readBody } from './decode-body.ts';
import { findDecodedParameter } from './decoded-parameter.ts';
import type { Part } from './part.ts';
import { contentIdsOf } from './part-finder.ts';

/** A part of a message that is listed beside its text. */
export interface Attachment {
  /** The file's name as the sender gave it, decoded (RFC 2183 §2.3, RFC 2231). Not safe as a path: see `safeFilename`. */
  readonly filename?: string;
  /** Media type, e.g. `image/png`; `application/octet-stream` where its transfer encoding is unknown and not undone (RFC 2045 §6.4). */
  readonly contentType: string;
  /** `attachment`, `inline` or whatever else was said; undefined where nothing was. */
  readonly disposition?: string;
  /** Content-ID without angle brackets (RFC 2392 §2): what `cid:` links in the HTML name. */
  readonly contentId?: string;
  /** Size of the body as it stands in the message, encoded, in bytes. */
  readonly rawSizeBytes: number;
  readonly part: Part;
  /** The content, decoded now. Decoded again at each call. */
  bytes(): Uint8Array;
  /** As `bytes`, with what was wrong with the encoding. */
  decode(): DecodedBody;
  /** The content, decoded piece by piece. */
  stream(): AsyncGenerator<Uint8Array>;
}

/** The file's name that a part has: of its Content-Disposition (RFC 2183 §2.3), else of its Content-Type. */
export function partFilename(part: Part): string | undefined {
  const filename = part.disposition && findDecodedParameter(part.disposition.parameters, 'filename');
  return filename || findDecodedParameter(part.parameters, 'name') || undefined;
}

/** Names that Windows keeps for devices, whatever stands behind a dot. */
const deviceName = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;
/** Controls, what no file system or shell takes, and the marks that turn the direction of writing: `gpj.exe` shown as `exe.jpg`. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}"*:<>?|\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;
/** Bytes of UTF-8 that nearly all file systems take for a name. */
const longestFilename = 255;

function utf8Length(text: string): number {
  return fromUtf8(text).length;
}

/** Takes characters off the end of a name, but not off its extension, until it is short enough. */
function shorten(name: string): string {
  if (utf8Length(name) <= longestFilename) return name;
  const extension = /\.[^.]{1,16}$/.exec(name)?.[0] ?? '';
  const characters = Array.from(name.slice(0, name.length - extension.length)).slice(0, longestFilename);
  while (utf8Length(characters.join('') + extension) > longestFilename) characters.pop();
  return characters.join('') + extension;
}

/**
 * Makes a name under which an attachment can be written to a disk out of the one that its sender gave (RFC 2183 §2.3): without
 * folders, controls and what file systems do not take, at most 255 bytes. `fallback` where nothing is left of it.
 */
export function safeFilename(filename: string | undefined, fallback: string = 'attachment'): string {
  const base = (filename ?? '').split(/[/\\]/).findLast((segment) => segment.trim() !== '') ?? '';
  const name = shorten(base.replace(unsafe, '_').trim())
    .replace(/^\.+/, '')
    .replace(/[. ]+$/, '');
  if (/^_*$/.test(name)) return fallback;
  return deviceName.test(name) ? `_${name}` : name;
}

const pieceBytes = 65_536;

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** Makes the attachment that a part is; `message` holds the whole message. */
export function toAttachment(part: Part, message: Uint8Array): Attachment {
  const filename = partFilename(part);
  const contentId = part.id?.replace(/^<|>$/g, '');
  return {
    ...(filename === undefined ? undefined : { filename }),
    contentType: isReadable(part) ? `${part.type}/${part.subtype}` : 'application/octet-stream',
    ...(part.disposition && { disposition: part.disposition.type }),
    ...(contentId === undefined ? undefined : { contentId }),
    rawSizeBytes: part.bodyEnd - part.bodyStart,
    part,
    bytes: () => decodeBody(part, message),
    decode: () => readBody(part, message),
    stream: () => decodeBodyStream(part, pieces(rawBody(part, message))),
  };
}

/**
 * Finds the attachment that a `cid:` address names (RFC 2392 §2), as the HTML of a message does. For other addresses, and where messages are
 * inside each other, see `PartFinder`.
 */
export function findByCid<T extends { readonly contentId?: string }>(attachments: readonly T[], url: string): T | undefined {
  if (!/^cid:/i.test(url)) return undefined;
  const ids = contentIdsOf(url.slice(4));
  return attachments.find(({ contentId }) => contentId !== undefined && ids.includes(contentId));
}

/** Whether a body has the MD5 sum that its Content-MD5 says (RFC 1864 §3); undefined where it says none. No protection from malice. */
export function checkContentMd5(part: Part, message: Uint8Array): boolean | undefined {
  if (part.md5 === undefined) return undefined;
  return encodeBase64(hash('md5', decodeBody(part, message))) === part.md5.trim();
}
