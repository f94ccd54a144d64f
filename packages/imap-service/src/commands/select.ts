import type { SelectCommand } from '@mox/imap';
import { toldModseq } from '../condstore.ts';
import type { CommandHandler } from '../handler.ts';
import { completed, type ImapConnection } from '../imap-connection.ts';
import { resynchronize } from '../qresync.ts';
import { formatMailbox } from '../status-items.ts';
import { mailboxReply } from '../store-reply.ts';
import { formatKnownFlags, writeExists } from '../tell-changes.ts';

/** The untagged responses of SELECT (RFC 9051 §6.3.2). */
function writeSelected(connection: ImapConnection): void {
  const { session, view } = connection;
  const { table } = view;
  const rev2 = session.isEnabled('IMAP4rev2');
  view.learnKeywords();
  session.write(formatKnownFlags(view));
  writeExists(session, view);
  if (!rev2) {
    const unseen = table.flagSetIds.subarray(0, view.told).findIndex((id) => !view.flags.get(id).seen);
    if (unseen >= 0) session.untagged(`OK [UNSEEN ${unseen + 1}] First unseen message`);
  }
  session.untagged(`OK [UIDVALIDITY ${view.uidValidity}] UIDs valid`);
  session.untagged(`OK [UIDNEXT ${view.uidNext}] Predicted next UID`);
  session.untagged(`OK [HIGHESTMODSEQ ${toldModseq(connection)}] Highest mod-sequence`);
  // RFC 8474 §4.2
  session.untagged(`OK [MAILBOXID (${view.id})] Mailbox id`);
  if (rev2) session.untagged(`LIST () "/" ${formatMailbox(view.path, session)}`);
}

async function run(connection: ImapConnection, command: SelectCommand): ReturnType<CommandHandler['run']> {
  const { session, account } = connection;
  // RFC 7162 §3.2.5
  if (command.qresync && !session.isEnabled('QRESYNC')) return { status: 'BAD', text: 'QRESYNC must be enabled first' };
  if (connection.selected) {
    connection.unselect();
    // RFC 7162 §3.2.11
    session.untagged('OK [CLOSED] Previous mailbox is now closed');
  }
  const mailbox = await account.mailbox(command.mailbox);
  const readOnly = command.name === 'EXAMINE';
  const view = mailbox && (await connection.select(mailbox.id, { readOnly }));
  if (!view) return mailboxReply('no-such-mailbox');
  await view.flags.load(view.flags.missing(view.table.flagSetIds.subarray(0, view.told)));
  if (command.condstore && !session.isEnabled('CONDSTORE')) session.enable(['CONDSTORE']);
  writeSelected(connection);
  if (command.qresync) await resynchronize(connection, command.qresync);
  return completed(command.name, readOnly ? 'READ-ONLY' : 'READ-WRITE');
}

/** SELECT (RFC 9051 §6.3.2). */
export const select: CommandHandler<SelectCommand> = { name: 'SELECT', run, tells: () => 'nothing' };
/** EXAMINE (RFC 9051 §6.3.3). */
export const examine: CommandHandler<SelectCommand> = { name: 'EXAMINE', run, tells: () => 'nothing' };
