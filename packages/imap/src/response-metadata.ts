import { toLatin1 } from '@mox/runtime';
import { decodeText } from './command-cursor.ts';
import { decodeMailboxName } from './mailbox-name.ts';
import type { ImapResponse } from './response.ts';
import type { ResponseCursor } from './response-cursor.ts';

/** A value: nstring or literal8. */
function parseValue(cursor: ResponseCursor): string | null {
  if (cursor.peek() !== 126) return cursor.ntext();
  return decodeText(toLatin1(cursor.nbytes() ?? new Uint8Array()));
}

/** METADATA: entries with their values (RFC 5464 §4.4.1), or names of entries that changed (RFC 5464 §4.4.2). */
export function parseMetadata(cursor: ResponseCursor): ImapResponse {
  cursor.space();
  const mailbox = decodeMailboxName(cursor.astring(), cursor.options);
  const entries = new Map<string, string | null>();
  const changed: string[] = [];
  while (cursor.spaces() && !cursor.done) {
    if (cursor.take('(')) {
      while (!cursor.take(')')) {
        const name = cursor.string8();
        cursor.space();
        entries.set(name, parseValue(cursor));
        cursor.spaces();
      }
    } else changed.push(cursor.string8());
  }
  return { type: 'metadata', mailbox, entries, changed };
}
