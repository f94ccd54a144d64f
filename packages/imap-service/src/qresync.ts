import { formatSequenceSet, type QresyncParameter, resolveRanges, type SequenceRange } from '@mox/imap';
import type { ImapConnection } from './imap-connection.ts';
import { formatFlagsFetch } from './tell-changes.ts';

/** Uids of ranges that are no message of the mailbox, ascending; at most up to the last uid that was ever given out. */
function* missingUids(connection: ImapConnection, ranges: readonly SequenceRange[]): Generator<number> {
  const { view } = connection;
  const { table } = view;
  for (const [from, to] of resolveRanges(ranges, view.lastUid)) {
    const start = table.find(from);
    let place = start < 0 ? ~start : start;
    for (let uid = from; uid <= Math.min(to, view.uidNext - 1); uid++) {
      if (place < table.length && table.uids[place] === uid) place++;
      else yield uid;
    }
  }
}

/** Places more than this number of uids in one response would not help anybody. */
const maximumUids = 1_000_000;

/**
 * Tells which messages of some ranges went after a mod-sequence: VANISHED (EARLIER) (RFC 7162 §3.2.10.1). Where the store has
 * forgotten when they went, all uids that are no message are told (RFC 7162 §3.2.6), from `after` on.
 */
export async function writeVanished(
  connection: ImapConnection,
  options: { readonly modseq: number; readonly ranges: readonly SequenceRange[]; readonly after?: number },
): Promise<void> {
  const { account, session, view } = connection;
  const { modseq, after = 0 } = options;
  const changes = await account.changesSince(modseq, { mailboxId: view.id });
  const uids: number[] = [];
  if (changes.complete) {
    const resolved = resolveRanges(options.ranges, view.lastUid);
    const expunged = changes.messages.find(({ mailboxId }) => mailboxId === view.id)?.expunged ?? [];
    // A message that is gone but not yet told is told later, without EARLIER.
    for (const uid of expunged)
      if (uid > after && !view.gone.has(uid) && resolved.some(([from, to]) => uid >= from && uid <= to)) uids.push(uid);
  } else {
    for (const uid of missingUids(connection, options.ranges)) {
      if (uid > after) uids.push(uid);
      if (uids.length >= maximumUids) break;
    }
  }
  if (uids.length > 0) session.untagged(`VANISHED (EARLIER) ${formatSequenceSet(uids)}`);
}

/** The numbers of ranges, one by one, as they stand. */
function* numbersOf(ranges: readonly SequenceRange[]): Generator<number> {
  for (const [from, to] of ranges) for (let number = from; number <= to; number++) yield number;
}

/** The largest uid up to which the client knows all that went, by its matching of numbers and uids (RFC 7162 §3.2.5.2). */
function matchedUid(connection: ImapConnection, match: QresyncParameter['match']): number {
  if (!match) return 0;
  const { table, told } = connection.view;
  const uids = numbersOf(match.uids);
  let last = 0;
  for (const number of numbersOf(match.numbers)) {
    const uid = uids.next().value;
    if (uid === undefined || number > told || table.uids[number - 1] !== uid) break;
    last = uid;
  }
  return last;
}

/** Tells what changed since the client was here last: the QRESYNC parameter of SELECT (RFC 7162 §3.2.5.1). */
export async function resynchronize(connection: ImapConnection, parameter: QresyncParameter): Promise<void> {
  const { session, view } = connection;
  if (parameter.uidValidity !== view.uidValidity) return;
  const ranges = parameter.knownUids ?? [[1, Math.max(1, view.uidNext - 1)] as const];
  await writeVanished(connection, { modseq: parameter.modseq, ranges, after: matchedUid(connection, parameter.match) });
  let text = '';
  for (const place of view.places({ type: 'ranges', ranges }, true) ?? []) {
    if ((view.table.modseqs[place] ?? 0) > parameter.modseq) text += formatFlagsFetch(session, view, place);
  }
  session.write(text);
}
