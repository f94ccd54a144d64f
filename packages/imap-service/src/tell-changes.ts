import { formatSequenceSet, type ImapServerSession, recentFlag, systemFlags } from '@mox/imap';
import type { SelectedMailbox } from './selected-mailbox.ts';

/** FLAGS of the message at a place, `\\Recent` among them where the client speaks IMAP4rev1 (RFC 3501 §2.3.2). */
export function formatFlags(session: ImapServerSession, { table, flags }: SelectedMailbox, place: number): string {
  const { text } = flags.get(table.flagSetIds[place] ?? 0);
  if (table.recent[place] !== 1 || session.isEnabled('IMAP4rev2')) return `FLAGS (${text})`;
  return `FLAGS (${text === '' ? '' : `${text} `}${recentFlag})`;
}

/** Text that a FETCH response which nobody asked for shows of a message: flags, and uid and modseq where RFC 7162 §3.2.4 wants them. */
export function formatFlagsFetch(session: ImapServerSession, view: SelectedMailbox, place: number): string {
  const flags = formatFlags(session, view, place);
  if (!session.isEnabled('CONDSTORE')) return `* ${place + 1} FETCH (${flags})\r\n`;
  return `* ${place + 1} FETCH (UID ${view.table.uids[place]} ${flags} MODSEQ (${view.table.modseqs[place]}))\r\n`;
}

/** FLAGS and PERMANENTFLAGS (RFC 9051 §7.3.5, §7.1). */
export function formatKnownFlags(view: SelectedMailbox): string {
  const flags = [...systemFlags, ...view.keywords].join(' ');
  const permanent = view.readOnly ? '' : `${flags} \\*`;
  return `* FLAGS (${flags})\r\n* OK [PERMANENTFLAGS (${permanent})] ${view.readOnly ? 'Read-only' : 'Limited'}\r\n`;
}

/** What has to be said before a FETCH response that may show a keyword for the first time; mostly nothing (RFC 9051 §7.3.5). */
export function formatNewKeywords(view: SelectedMailbox): string {
  return view.learnKeywords() ? formatKnownFlags(view) : '';
}

/** EXISTS and, for IMAP4rev1, RECENT (RFC 9051 §7.4.1, RFC 3501 §7.3.2). */
export function writeExists(session: ImapServerSession, view: SelectedMailbox): void {
  session.untagged(`${view.told} EXISTS`);
  if (!session.isEnabled('IMAP4rev2')) session.untagged(`${view.recentPlaces.length} RECENT`);
}

function tellGone(session: ImapServerSession, view: SelectedMailbox): void {
  if (view.gone.size === 0) return;
  if (session.isEnabled('QRESYNC')) {
    // RFC 7162 §3.2.10.2: uids instead of numbers
    session.untagged(`VANISHED ${formatSequenceSet([...view.gone.keys()].toSorted((a, b) => a - b))}`);
    view.forgetGone();
    return;
  }
  // From the last to the first: no number told here is moved by another.
  let text = '';
  for (const place of view.forgetGone().toReversed()) text += `* ${place + 1} EXPUNGE\r\n`;
  session.write(text);
}

function tellChanged(session: ImapServerSession, view: SelectedMailbox): void {
  let text = '';
  for (const uid of view.changed.keys()) {
    const place = view.table.find(uid);
    if (place >= 0 && place < view.told) text += formatFlagsFetch(session, view, place);
  }
  view.changed.clear();
  session.write(text);
}

/**
 * Tells a client what happened to its mailbox: messages gone only where RFC 9051 §7.5.1 allows it, then flags, then new
 * messages. EXISTS is said for new messages alone: some clients loop on one that tells nothing new.
 */
export async function tellChanges(
  session: ImapServerSession,
  view: SelectedMailbox,
  options: { readonly expunges: boolean },
): Promise<void> {
  if (!view.pending) return;
  for (let missing = view.flags.missing([...view.newFlagSets]); missing.size > 0; missing = view.flags.missing([...view.newFlagSets])) {
    await view.flags.load(missing);
  }
  // Nothing is awaited from here on: what is told is of one moment.
  if (options.expunges) tellGone(session, view);
  session.write(formatNewKeywords(view));
  tellChanged(session, view);
  if (view.table.length > view.told) {
    view.tellNew();
    writeExists(session, view);
  }
}
