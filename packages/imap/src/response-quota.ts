import { decodeMailboxName } from './mailbox-name.ts';
import type { ImapResponse } from './response.ts';
import type { ResponseCursor } from './response-cursor.ts';

/** Use and limit of one resource (RFC 9208 §5): kilobytes for STORAGE, counts for MESSAGE and MAILBOX. */
export interface QuotaResource {
  /** In upper case. */
  readonly name: string;
  readonly usage: number;
  readonly limit: number;
}

/** QUOTA (RFC 9208 §4.2.1), also as RFC 2087 §5.1 has it. */
export function parseQuota(cursor: ResponseCursor): ImapResponse {
  cursor.space();
  const root = cursor.string8();
  const resources: QuotaResource[] = [];
  cursor.space();
  cursor.expect('(');
  while (!cursor.take(')')) {
    const name = cursor.keyword();
    cursor.space();
    const usage = cursor.size();
    cursor.space();
    resources.push({ name, usage, limit: cursor.size() });
    cursor.spaces();
  }
  return { type: 'quota', root, resources };
}

/** QUOTAROOT (RFC 9208 §4.2.2). */
export function parseQuotaRoot(cursor: ResponseCursor): ImapResponse {
  cursor.space();
  const mailbox = decodeMailboxName(cursor.astring(), cursor.options);
  const roots: string[] = [];
  while (cursor.spaces()) if (!cursor.done) roots.push(cursor.string8());
  return { type: 'quota-root', mailbox, roots };
}
