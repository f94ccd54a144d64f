import type { Defect } from './defect.ts';
import type { Envelope } from './envelope.ts';

/**
 * A parameter of Content-Type or Content-Disposition: name in lower case, value as it stood, unquoted. In a `Part` the sections of RFC 2231 §3
 * are joined; its charsets and octets (RFC 2231 §4) are not undone: see `decodeParameters` of `@mox/encoding`.
 */
export type Parameter = readonly [name: string, value: string];

/**
 * A part of a message: the message itself, a member of a multipart, or the message inside a message/rfc822.
 * Plain data, small, JSON-safe: a store keeps it and answers BODYSTRUCTURE and part reads from it.
 * Offsets are in bytes from the start of the whole message; RFC 2045, RFC 2046.
 */
export interface Part {
  /** First byte of the header section. */
  readonly headerStart: number;
  /** First byte of the body: behind the empty line, which belongs to the header section. */
  readonly bodyStart: number;
  /** One past the last byte of the body; the CRLF before a boundary line belongs to the boundary (RFC 2046 §5.1.1). */
  readonly bodyEnd: number;
  /** Line ends in the body; a last line without an end does not count. */
  readonly bodyLines: number;
  /** Media type in lower case, `text` where there is none or where it cannot be read (RFC 2045 §5.2). */
  readonly type: string;
  /** Media subtype in lower case, `plain` where there is none. */
  readonly subtype: string;
  readonly parameters: readonly Parameter[];
  /** Content-Transfer-Encoding in lower case, misspellings of base64 and quoted-printable put right, `x-uuencode` by any of its names, `7bit` where there is none. */
  readonly encoding: string;
  /** Content-ID as it stood, with its angle brackets. */
  readonly id?: string;
  /** Content-Description as it stood, unfolded. */
  readonly description?: string;
  /** Content-MD5 (RFC 1864 §2). */
  readonly md5?: string;
  /** Content-Disposition (RFC 2183 §2), type in lower case. */
  readonly disposition?: { readonly type: string; readonly parameters: readonly Parameter[] };
  /** Content-Language (RFC 3282 §2). */
  readonly language?: readonly string[];
  /** Content-Location (RFC 2557 §4), as it stood. */
  readonly location?: string;
  /** Members of a multipart, in order; absent for everything else. */
  readonly parts?: readonly Part[];
  /** The message inside a message/rfc822 or message/global. */
  readonly message?: { readonly envelope: Envelope; readonly part: Part };
}

/** What one pass over a message gives. Plain data. */
export interface MessageStructure {
  readonly part: Part;
  readonly envelope: Envelope;
  /** Size of the whole message in bytes. */
  readonly sizeBytes: number;
  /** Line ends in the whole message. */
  readonly lines: number;
  /** What was not as the RFCs want it, in order of place; bounded in number. */
  readonly defects: readonly Defect[];
}
