import { decodeMailboxName } from './mailbox-name.ts';
import type { ImapResponse } from './response.ts';
import type { ResponseCursor } from './response-cursor.ts';

function mailboxOf(cursor: ResponseCursor): string {
  cursor.space();
  return decodeMailboxName(cursor.astring(), cursor.options);
}

/** ACL (RFC 4314 §3.6). */
export function parseAcl(cursor: ResponseCursor): ImapResponse {
  const mailbox = mailboxOf(cursor);
  const rights = new Map<string, string>();
  while (cursor.spaces() && !cursor.done) {
    const identifier = cursor.string8();
    cursor.space();
    rights.set(identifier, cursor.string8());
  }
  return { type: 'acl', mailbox, rights };
}

/** LISTRIGHTS (RFC 4314 §3.7). */
export function parseListRights(cursor: ResponseCursor): ImapResponse {
  const mailbox = mailboxOf(cursor);
  cursor.space();
  const identifier = cursor.string8();
  cursor.space();
  const required = cursor.string8();
  const optional: string[] = [];
  while (cursor.spaces() && !cursor.done) optional.push(cursor.string8());
  return { type: 'list-rights', mailbox, identifier, required, optional };
}

/** MYRIGHTS (RFC 4314 §3.8), also with LIST (RFC 8440 §3). */
export function parseMyRights(cursor: ResponseCursor): ImapResponse {
  const mailbox = mailboxOf(cursor);
  cursor.space();
  return { type: 'my-rights', mailbox, rights: cursor.string8() };
}
