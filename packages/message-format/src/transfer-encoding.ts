import { encodeBase64Bytes, encodeQuotedPrintable } from '@mox/encoding';

/** Transfer encodings that are written (RFC 2045 §6.1). */
export type TransferEncoding = '7bit' | '8bit' | 'quoted-printable' | 'base64';

/** What matters of some bytes for the choice of their encoding. */
export interface ContentFacts {
  readonly lengthBytes: number;
  /** Bytes that quoted-printable would escape. */
  readonly escapes: number;
  /** Whether there are bytes beyond ASCII. */
  readonly eightBit: boolean;
  /** NUL, CR or LF alone, or a line of more than 998 bytes: neither 7bit nor 8bit can hold it (RFC 2045 §2.7, RFC 2045 §2.8). */
  readonly binary: boolean;
  /** A line of more than 78 characters, which should not be (RFC 5322 §2.1.1). */
  readonly longLine: boolean;
  /** A line that starts with `From `: it would be changed on its way into some mailboxes. */
  readonly fromLine: boolean;
}

function isFromLine(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 70 && bytes[at + 1] === 114 && bytes[at + 2] === 111 && bytes[at + 3] === 109 && bytes[at + 4] === 32;
}

/** Looks at content before it is encoded. */
export function inspectContent(bytes: Uint8Array): ContentFacts {
  let escapes = 0;
  let eightBit = false;
  let binary = false;
  let longLine = false;
  // Bytes of this line that start no character.
  let continuations = 0;
  let fromLine = isFromLine(bytes, 0);
  let lineStart = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 10) {
      if (bytes[at - 1] !== 13 || at - 1 - lineStart > 998) binary = true;
      if (at - 1 - lineStart - continuations > 78) longLine = true;
      lineStart = at + 1;
      continuations = 0;
      if (isFromLine(bytes, lineStart)) fromLine = true;
    } else if (byte === 13) {
      if (bytes[at + 1] !== 10) binary = true;
    } else if (byte > 126 || byte === 61 || (byte < 32 && byte !== 9)) {
      escapes++;
      if (byte > 127) eightBit = true;
      if ((byte & 0xc0) === 0x80) continuations++;
      if (byte === 0) binary = true;
    }
  }
  if (bytes.length - lineStart > 998) binary = true;
  if (bytes.length - lineStart - continuations > 78) longLine = true;
  return { lengthBytes: bytes.length, escapes, eightBit, binary, longLine, fromLine };
}

/** Chooses the encoding of text in lines: as it is where that goes, else whichever is shorter (RFC 2045 §6). */
export function chooseTextEncoding(facts: ContentFacts, options: { readonly eightBit: boolean }): TransferEncoding {
  const asItIs = !facts.binary && !facts.longLine && !facts.fromLine;
  if (asItIs && !facts.eightBit) return '7bit';
  if (asItIs && options.eightBit) return '8bit';
  return facts.lengthBytes + 2 * facts.escapes <= (facts.lengthBytes * 4) / 3 + 64 ? 'quoted-printable' : 'base64';
}

/** Encodes content; `text` says that its line ends are line ends. Lines of what comes out end with CRLF. */
export function encodeContent(bytes: Uint8Array, encoding: TransferEncoding, options: { readonly text: boolean }): Uint8Array {
  if (encoding === 'quoted-printable') return encodeQuotedPrintable(bytes, options);
  return encoding === 'base64' ? encodeBase64Bytes(bytes, { lineLength: 76 }) : bytes;
}
