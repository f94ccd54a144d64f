/** A DMARC reporting URI (RFC 9989 §4.6). */
export interface ReportUri {
  /** As published, without a size. */
  readonly uri: string;
  /** The largest report wanted there, in bytes: obsolete, and to be ignored (RFC 9989 §4.8; RFC 7489 §6.4). */
  readonly mostBytes?: number;
}

/** Where a `mailto:` URI leads. */
export interface ReportMailbox {
  readonly address: string;
  /** The domain of the address as written: the "destination host" of RFC 9990 §4. */
  readonly host: string;
}

/** URI of RFC 3986 without comma and exclamation point, which must be encoded. */
const uriPattern = /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#[\]@$&'()*+;=%-]*$/;
const badPercent = /%(?![0-9A-Fa-f]{2})/;
const sizePattern = /!(\d{1,20})([kmgt]?)$/i;
const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Whether a text is a URI as a record may have it: of any scheme, comma and exclamation point encoded (RFC 9989 §4.8). */
export function isReportUri(text: string): boolean {
  return uriPattern.test(text) && !badPercent.test(text);
}

/** Reads one URI of a list; undefined where it is none. */
export function parseReportUri(text: string): ReportUri | undefined {
  const size = sizePattern.exec(text);
  const uri = size ? text.slice(0, size.index) : text;
  if (!isReportUri(uri)) return undefined;
  if (!size) return { uri };
  const mostBytes = Number(size[1]) * (units[(size[2] ?? '').toLowerCase()] ?? 1);
  return { uri, mostBytes: Math.min(mostBytes, Number.MAX_SAFE_INTEGER) };
}

/** Writes one URI of a list. */
export function formatReportUri(uri: ReportUri): string {
  return uri.mostBytes === undefined ? uri.uri : `${uri.uri}!${uri.mostBytes}`;
}

const localPart =
  /^(?:[^\s()<>[\]:;@\\,."\u0000-\u001f\u007f]+(?:\.[^\s()<>[\]:;@\\,."\u0000-\u001f\u007f]+)*|"(?:[\x20\x21\x23-\x5b\x5d-\x7e\u0080-\uffff]|\\[\x20-\x7e])*")$/;
const unfit = /[\s,<>()"\\;\u0000-\u001f\u007f]/;

/** The mailbox of a `mailto:` URI (RFC 6068 §2) with a single address; undefined for another scheme, and where there is no such address. */
export function mailboxOfReportUri(uri: string): ReportMailbox | undefined {
  const match = /^mailto:([^?#]*)/i.exec(uri);
  if (!match?.[1]) return undefined;
  let address: string;
  try {
    address = decodeURIComponent(match[1]);
  } catch {
    return undefined;
  }
  const at = address.lastIndexOf('@');
  const host = address.slice(at + 1);
  // What is no address (RFC 5321 §4.1.2) could be another one, or several, in a header field or an SMTP command.
  if (address.length > 320 || host === '' || !localPart.test(address.slice(0, Math.max(at, 0))) || unfit.test(host)) return undefined;
  return { address, host };
}
