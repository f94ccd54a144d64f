import { formatSequenceSet, type QresyncParameter, resolveRanges, type SequenceRange } from '@mox/imap';
import type { ImapConnection } from './imap-connection.ts';
import { formatFlagsFetch } from './tell-changes.ts';

/** More uids than this in one response would not help anybody. */
const maximumUids = 1_000_000;

/** Uids of ranges, ascending and apart, that are no message of the mailbox; at most up to the last uid that was ever given out. */
function* missingUids({ view }: ImapConnection, ranges: readonly SequenceRange[], after: number): Generator<number> {
  const { table } = view;
  for (const [from, to] of ranges) {
    const first = Math.max(from, after + 1);
    const start = table.find(first);
    let place = start < 0 ? ~start : start;
    for (let uid = first; uid <= Math.min(to, view.uidNext - 1); uid++) {
      if (place < table.length && table.uids[place] === uid) place++;
      else yield uid;
    }
  }
}

/** Uids, ascending, that are in ranges, ascending and apart. */
function* uidsWithin(uids: Iterable<number>, ranges: readonly SequenceRange[]): Generator<number> {
  let at = 0;
  for (const uid of uids) {
    while (at < ranges.length && (ranges[at]?.[1] ?? 0) < uid) at++;
    const range = ranges[at];
    if (!range) return;
    if (uid >= range[0]) yield uid;
  }
}

/**
 * Tells which messages of some ranges went after a mod-sequence: VANISHED (EARLIER) (RFC 7162 §3.2.10.1). Where the store has
 * forgotten when they went, all uids that are no message are told (RFC 7162 §3.2.6), from `after` on. `known`: the client named the
 * ranges, and may know messages that came after the mod-sequence.
 */
export async function writeVanished(
  connection: ImapConnection,
  options: { readonly modseq: number; readonly ranges: readonly SequenceRange[]; readonly known: boolean; readonly after?: number },
): Promise<void> {
  const { account, session, view } = connection;
  const { modseq, after = 0 } = options;
  const changes = await account.changesSince(modseq, { mailboxId: view.id, briefly: options.known });
  // `*` stands for the last message there was, or what came last and went would never be told.
  const ranges = resolveRanges(options.ranges, Math.max(1, view.uidNext - 1));
  const expunged = changes.messages.find(({ mailboxId }) => mailboxId === view.id)?.expunged ?? [];
  const candidates = changes.complete ? uidsWithin(expunged, ranges) : missingUids(connection, ranges, after);
  const uids: number[] = [];
  for (const uid of candidates) {
    // A message that is gone but not yet told is told later, without EARLIER.
    if (uid > after && !view.gone.has(uid)) uids.push(uid);
    if (uids.length >= maximumUids) break;
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
  await writeVanished(connection, {
    modseq: parameter.modseq,
    ranges,
    known: parameter.knownUids !== undefined,
    after: matchedUid(connection, parameter.match),
  });
  let text = '';
  for (const place of view.places({ type: 'ranges', ranges }, true) ?? []) {
    if ((view.table.modseqs[place] ?? 0) > parameter.modseq) text += formatFlagsFetch(session, view, place);
  }
  session.write(text);
}
