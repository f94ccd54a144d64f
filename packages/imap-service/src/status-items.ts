import { encodeMailboxName, formatAstring, formatByteString } from '@mox/imap';
import type { Mailbox } from '@mox/store';
import { enableCondstore } from './condstore.ts';
import type { ImapConnection } from './imap-connection.ts';

type StatusItem = (mailbox: Mailbox, connection: ImapConnection) => string | number | Promise<number>;

/** How many messages no session was told of yet (RFC 3501 §6.3.10). */
async function countRecent({ id, uidNext }: Mailbox, { account, recents }: ImapConnection): Promise<number> {
  const first = recents.told(id) + 1;
  return first < uidNext ? (await account.search(id, { type: 'uid', ranges: [[first, uidNext - 1]] })).length : 0;
}

/** Items of STATUS (RFC 9051 §6.3.11 and its extensions): an extension's item is a row here. */
const statusItems: ReadonlyMap<string, StatusItem> = new Map<string, StatusItem>([
  ['MESSAGES', ({ messages }) => messages],
  ['UIDNEXT', ({ uidNext }) => uidNext],
  ['UIDVALIDITY', ({ uidValidity }) => uidValidity],
  ['UNSEEN', ({ unseen }) => unseen],
  ['DELETED', ({ deleted }) => deleted],
  // RFC 8438 §3
  ['SIZE', ({ sizeBytes }) => sizeBytes],
  ['RECENT', countRecent],
  // RFC 7162 §3.1.7
  ['HIGHESTMODSEQ', ({ highestModseq }) => Math.max(1, highestModseq)],
  // RFC 8474 §4.3
  ['MAILBOXID', ({ id }) => `(${id})`],
  // RFC 7889 §3
  ['APPENDLIMIT', (_, { session }) => session.limits.appendBytes],
]);

/** Whether all items are known. */
export function areStatusItems(items: readonly string[]): boolean {
  return items.every((item) => statusItems.has(item));
}

/** Writes a STATUS response (RFC 9051 §7.3.4). */
export async function writeStatus(connection: ImapConnection, mailbox: Mailbox, items: readonly string[]): Promise<void> {
  const { session } = connection;
  const values: string[] = [];
  for (const item of items) values.push(`${item} ${await statusItems.get(item)?.(mailbox, connection)}`);
  session.untagged(`STATUS ${formatMailbox(mailbox.path, session)} (${values.join(' ')})`);
  // RFC 7162 §3.1: asking for HIGHESTMODSEQ makes a client aware of it
  if (items.includes('HIGHESTMODSEQ')) enableCondstore(connection);
}

/** A mailbox name as a client reads it. */
export function formatMailbox(path: string, options: { readonly utf8: boolean }): string {
  const bytes = encodeMailboxName(path, options);
  const plain = formatAstring(bytes, options.utf8);
  return plain === bytes ? plain : formatByteString(bytes, options.utf8);
}
