import { decodeBase64, encodeBase64 } from '@mox/encoding';
import { equalBytes, fromLatin1 } from '@mox/runtime';
import { ok, parseError, type Result } from '@mox/syntax';

/** One block of PEM text (RFC 7468 §2). */
export interface PemBlock {
  /** The words after BEGIN, e.g. `CERTIFICATE`. */
  readonly label: string;
  readonly bytes: Uint8Array;
}

const beginMark = '-----BEGIN ';
const dashes = '-----';

const mark: Uint8Array = /* @__PURE__ */ fromLatin1(beginMark);

/** Whether bytes are PEM text, as the file of a certificate holds it, where DER is wanted. */
export function isPemText(bytes: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, mark.length), mark);
}

/** Reads all blocks of a PEM text; what stands between them is passed over (RFC 7468 §2). None at all is an empty list. */
export function parsePem(text: string): Result<readonly PemBlock[]> {
  const blocks: PemBlock[] = [];
  let at = text.indexOf(beginMark);
  while (at >= 0) {
    const labelStart = at + beginMark.length;
    const labelEnd = text.indexOf(dashes, labelStart);
    const label = text.slice(labelStart, labelEnd);
    if (labelEnd < 0 || label.length > 64 || /[\r\n]/.test(label)) return parseError(at, 'a first line that does not end');
    const end = `-----END ${label}-----`;
    const contentEnd = text.indexOf(end, labelEnd);
    if (contentEnd < 0) return parseError(at, `no end of ${label}`);
    const decoded = decodeBase64(text.slice(labelEnd + dashes.length, contentEnd).replace(/[ \t\r\n]+/g, ''));
    if (!decoded.ok) return parseError(labelEnd, `${label} is not in base64`);
    blocks.push({ label, bytes: decoded.value });
    at = text.indexOf(beginMark, contentEnd + end.length);
  }
  return ok(blocks);
}

/** Writes a block: base64 in lines of 64 characters (RFC 7468 §3). */
export function formatPem(block: PemBlock): string {
  const lines = encodeBase64(block.bytes).match(/.{1,64}/g) ?? [];
  return [`${beginMark}${block.label}${dashes}`, ...lines, `-----END ${block.label}-----`, ''].join('\n');
}
