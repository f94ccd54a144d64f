import { fromLatin1 } from '@mox/runtime';

/** A reply of an SMTP server (RFC 5321 §4.2). */
export interface SmtpReply {
  /** Three digits, 200 to 599. */
  readonly code: number;
  /** Enhanced status code (RFC 3463 §2), e.g. `5.1.1`; absent where there is none. */
  readonly enhanced?: string;
  /** Words for people: one line, or several. Never secrets, never what only an operator should know. */
  readonly text: string | readonly string[];
}

/** Makes a reply out of its parts; the empty string for no enhanced status code. */
/* @__NO_SIDE_EFFECTS__ */
export function smtpReply(code: number, enhanced: string, text: string | readonly string[]): SmtpReply {
  return enhanced === '' ? { code, text } : { code, enhanced, text };
}

/** Whether a reply says that the command was carried out (2yz, RFC 5321 §4.2.1). */
export function isPositive(reply: SmtpReply): boolean {
  return reply.code >= 200 && reply.code < 300;
}

/** Whether a reply says that the same may succeed later (4yz, RFC 5321 §4.2.1). */
export function isTransient(reply: SmtpReply): boolean {
  return reply.code >= 400 && reply.code < 500;
}

/** Most octets of text in a reply line: 512 (RFC 5321 §4.5.3.1.5) less code, separator and CRLF. */
const lineOctets = 512 - 4 - 2;
const printable = /[^\t\x20-\x7e]/g;

/** The lines of a reply's text: without anything but printable ASCII (RFC 5321 §4.2), none too long, at least one. */
function textLines(reply: SmtpReply): string[] {
  const prefix = reply.enhanced === undefined ? '' : `${reply.enhanced} `;
  // A challenge of AUTH stands in one line, however long (RFC 4954 §4).
  const room = reply.code === 334 ? Number.POSITIVE_INFINITY : lineOctets - prefix.length;
  const lines: string[] = [];
  for (const text of typeof reply.text === 'string' ? [reply.text] : reply.text) {
    const clean = text.replace(printable, '?');
    for (let at = 0; at === 0 || at < clean.length; at += room) lines.push(`${prefix}${clean.slice(at, at + room)}`);
  }
  return lines.length > 0 ? lines : [prefix];
}

/** A reply as one line without its line end, for logs and records: the first line of the text. */
export function formatReplyLine(reply: SmtpReply): string {
  return `${reply.code} ${textLines(reply)[0] ?? ''}`;
}

/** A reply as it is sent. An enhanced status code stands in every line (RFC 2034 §4). What is not printable ASCII becomes `?`. */
export function formatReply(reply: SmtpReply): Uint8Array {
  const lines = textLines(reply);
  const last = lines.length - 1;
  return fromLatin1(lines.map((line, i) => `${reply.code}${i === last ? ' ' : '-'}${line}\r\n`).join(''));
}
