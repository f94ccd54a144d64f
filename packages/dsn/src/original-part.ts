import { findHeaderEnd } from '@mox/message-format';

/** A message that a report is about, and how much of it is given back. */
export interface GivenMessage {
  readonly message: Uint8Array;
  readonly give: 'full' | 'headers';
}

/** The part of a report that gives the message back (RFC 6522 §3), in UTF-8 clothes where its header is not ASCII (RFC 6533 §6). */
export function makeOriginalPart({ message, give }: GivenMessage): { readonly content: Uint8Array; readonly contentType: string } {
  const header = message.subarray(0, findHeaderEnd(message));
  const global = header.some((byte) => byte > 127);
  if (give === 'full') return { content: message, contentType: global ? 'message/global' : 'message/rfc822' };
  return { content: header, contentType: global ? 'message/global-headers' : 'text/rfc822-headers' };
}
