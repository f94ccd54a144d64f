import { type CopyCommand, formatSequenceSet } from '@mox/imap';
import type { MovedMessage } from '@mox/store';
import type { CommandHandler } from '../handler.ts';
import { completed, type ImapConnection, noSuchNumber, readOnlyMailbox, refused } from '../imap-connection.ts';

/** COPYUID (RFC 9051 §7.1, RFC 4315 §3). */
function copyUid(moved: readonly MovedMessage[], uidValidity: number): string {
  const from = formatSequenceSet(moved.map(({ fromUid }) => fromUid));
  const to = formatSequenceSet(moved.map(({ toUid }) => toUid));
  return `COPYUID ${uidValidity} ${from} ${to}`;
}

async function run(connection: ImapConnection, command: CopyCommand): ReturnType<CommandHandler['run']> {
  const { account, view, session, login } = connection;
  const moves = command.name === 'MOVE';
  if (moves && view.readOnly) return readOnlyMailbox;
  const places = view.places(command.set, command.uid);
  if (!places) return noSuchNumber;
  const target = await account.mailbox(command.mailbox);
  if (!target) return refused('TRYCREATE', 'There is no such mailbox');
  const uids = view.uidsAt(places);
  if (uids.length === 0) return completed(command.name);
  if (!moves && login?.info.quotaBytes !== undefined) {
    const sizeBytes = places.reduce((sum, place) => sum + (view.table.sizes[place] ?? 0), 0);
    if ((await account.usage()).sizeBytes + sizeBytes > login.info.quotaBytes)
      return refused('OVERQUOTA', 'The quota of the account does not allow it');
  }
  const moved = moves ? await account.moveMessages(view.id, uids, target.id) : await account.copyMessages(view.id, uids, target.id);
  if (!moved) return refused('NONEXISTENT', 'The mailbox is gone');
  // RFC 2180 §4.4.2: messages that another client expunged cannot be copied
  if (moved.length === 0) return refused('EXPUNGEISSUED', 'These messages were expunged');
  const code = copyUid(moved, target.uidValidity);
  if (!moves) return completed('COPY', code);
  view.applyOwnExpunge(moved.map(({ fromUid }) => fromUid));
  // RFC 6851 §4.3: before the EXPUNGE responses
  session.untagged(`OK [${code}] Moved`);
  return completed('MOVE', session.isEnabled('QRESYNC') ? `HIGHESTMODSEQ ${view.highestModseq}` : undefined);
}

/** COPY (RFC 9051 §6.4.7). */
export const copy: CommandHandler<CopyCommand> = { name: 'COPY', run };
/** MOVE (RFC 9051 §6.4.8, RFC 6851 §3.1). */
export const move: CommandHandler<CopyCommand> = { name: 'MOVE', run };
