import { formatSequenceSet, type StoreCommand } from '@mox/imap';
import type { FlagUpdateResult } from '@mox/store';
import { enableCondstore } from '../condstore.ts';
import type { CommandHandler } from '../handler.ts';
import { completed, type ImapConnection, noSuchNumber, readOnlyMailbox, refused } from '../imap-connection.ts';
import { formatFlags, formatNewKeywords } from '../tell-changes.ts';

/** Characters gathered before they are handed to the session. */
const batchLength = 65_536;

/**
 * What is shown of one message after STORE: its flags unless `.SILENT` and the client can work them out; its mod-sequence where it
 * asked for them (RFC 7162 §3.1.3).
 */
function formatStored(connection: ImapConnection, command: StoreCommand, place: number, mine: number | undefined): string {
  const { session, view } = connection;
  const { table } = view;
  const uid = table.uids[place] ?? 0;
  const first = view.changed.get(uid);
  // Silence is for what the client knows: not where another one changed the flags before.
  const silent = command.silent && (first === undefined || first === mine);
  const condstore = session.isEnabled('CONDSTORE');
  view.changed.delete(uid);
  if (silent && !(condstore && mine !== undefined)) return '';
  const items: string[] = [];
  if (command.uid || condstore) items.push(`UID ${uid}`);
  if (!silent) items.push(formatFlags(session, view, place));
  if (condstore) items.push(`MODSEQ (${table.modseqs[place]})`);
  return `${formatNewKeywords(view)}* ${place + 1} FETCH (${items.join(' ')})\r\n`;
}

async function writeStored(
  connection: ImapConnection,
  command: StoreCommand,
  places: Uint32Array,
  result: FlagUpdateResult,
): Promise<void> {
  const { session, view } = connection;
  view.applyOwn(result);
  await view.loadFlags(places);
  const mine = new Map<number, number>();
  for (let i = 0; i < result.uids.length; i++) mine.set(result.uids[i] ?? 0, result.modseqs[i] ?? 0);
  const modified = new Set(result.modified);
  let text = '';
  for (const place of places) {
    const uid = view.table.uids[place] ?? 0;
    if (view.gone.has(uid) || modified.has(uid)) continue;
    text += formatStored(connection, command, place, mine.get(uid));
    if (text.length < batchLength) continue;
    session.write(text);
    text = '';
    await connection.flush();
  }
  session.write(text);
}

/** The messages that a condition kept from being changed, by number or uid (RFC 7162 §3.1.3). */
function modifiedSet({ view }: ImapConnection, command: StoreCommand, uids: Uint32Array): string {
  return formatSequenceSet(command.uid ? uids : view.placesOfUids(uids).map((place) => place + 1));
}

/** STORE and UID STORE (RFC 9051 §6.4.6). */
export const store: CommandHandler<StoreCommand> = {
  name: 'STORE',
  async run(connection, command) {
    const { account, view } = connection;
    if (view.readOnly) return readOnlyMailbox;
    const places = view.places(command.set, command.uid);
    if (!places) return noSuchNumber;
    if (command.unchangedSince !== undefined) enableCondstore(connection);
    const { mode, flags, unchangedSince } = command;
    const uids = view.uidsAt(places);
    const result = await account.updateFlags(view.id, { uids, mode, flags, ...(unchangedSince === undefined ? {} : { unchangedSince }) });
    if (!result) return refused('NONEXISTENT', 'The mailbox is gone');
    await writeStored(connection, command, places, result);
    if (result.refused && result.refused.length > 0) return refused('LIMIT', 'Some of the flags cannot be stored');
    const modified = result.modified.length > 0 ? modifiedSet(connection, command, result.modified) : '';
    if (modified !== '') return { status: 'OK', code: `MODIFIED ${modified}`, text: 'Conditional STORE failed for some' };
    return completed('STORE');
  },
  tells: (command) => (command.uid ? 'all' : 'numbers-stay'),
};
