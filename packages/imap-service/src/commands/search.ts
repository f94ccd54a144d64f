import { type BasicSearchKey, formatSequenceSet, formatString, type SearchCommand, type SearchKey, type TaggedReply } from '@mox/imap';
import { enableCondstore } from '../condstore.ts';
import type { CommandHandler } from '../handler.ts';
import { completed, type ImapConnection, refused } from '../imap-connection.ts';
import type { PlaceTest } from '../search-evaluator.ts';
import { uidCriterion } from '../search-keys/basic.ts';
import { searchContext } from '../search-keys/table.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';

/** All keys, from the outside in. */
function* keysIn(key: SearchKey): Generator<SearchKey> {
  yield key;
  const basic = key as BasicSearchKey;
  if (basic.type === 'not') yield* keysIn(basic.key);
  if (basic.type === 'and' || basic.type === 'or') for (const inner of basic.keys) yield* keysIn(inner);
}

/** Places of the messages that pass all tests, ascending. */
function passing({ told }: SelectedMailbox, tests: readonly PlaceTest[]): Uint32Array {
  const places = new Uint32Array(told);
  const [only, another] = tests;
  const test = only && !another ? only : (place: number) => tests.every((one) => one(place));
  let count = 0;
  for (let place = 0; place < told; place++) if (test(place)) places[count++] = place;
  return places.subarray(0, count);
}

/** Places that match, ascending. What the view knows is sorted out first, so that the store looks at the fewest messages. */
async function findPlaces(connection: ImapConnection, key: SearchKey): Promise<Uint32Array> {
  const { view, account } = connection;
  await view.flags.load(view.flags.missing(view.table.flagSetIds.subarray(0, view.told)));
  const context = searchContext(connection);
  const basic = key as BasicSearchKey;
  const keys = basic.type === 'and' ? basic.keys : [key];
  const tests = keys.flatMap((one) => context.test(one) ?? []);
  const places = passing(view, tests);
  if (tests.length === keys.length || places.length === 0) return places;
  const criteria = keys.filter((one) => !context.test(one)).map((one) => context.criterion(one));
  if (places.length < view.told) criteria.unshift(uidCriterion(view.uidsAt(places)));
  const uids = await account.search(view.id, { type: 'and', criteria });
  return view.placesOfUids(uids);
}

/** Highest mod-sequence of some messages (RFC 7162 §3.1.5). */
function highestModseq({ view }: ImapConnection, places: Uint32Array): number {
  let modseq = 0;
  for (const place of places) modseq = Math.max(modseq, view.table.modseqs[place] ?? 0);
  return modseq;
}

/** SEARCH, as IMAP4rev1 knows it (RFC 3501 §7.2.5). */
function writeSearch({ session }: ImapConnection, numbers: Uint32Array, modseq: number | undefined): void {
  const found = numbers.length > 0 ? ` ${numbers.join(' ')}` : '';
  session.untagged(`SEARCH${found}${modseq === undefined ? '' : ` (MODSEQ ${modseq})`}`);
}

/** ESEARCH (RFC 9051 §7.3.4, RFC 4731 §3.1). */
function writeEsearch(
  connection: ImapConnection,
  command: SearchCommand,
  tag: string,
  numbers: Uint32Array,
  modseq: number | undefined,
): void {
  const returns = command.returns ?? ['ALL'];
  const first = numbers[0];
  let text = `ESEARCH (TAG ${formatString(tag, false)})${command.uid ? ' UID' : ''}`;
  if (first !== undefined && returns.includes('MIN')) text += ` MIN ${first}`;
  if (first !== undefined && returns.includes('MAX')) text += ` MAX ${numbers.at(-1)}`;
  if (first !== undefined && returns.includes('ALL')) text += ` ALL ${formatSequenceSet(numbers)}`;
  if (returns.includes('COUNT')) text += ` COUNT ${numbers.length}`;
  if (modseq !== undefined) text += ` MODSEQ ${modseq}`;
  connection.session.untagged(text);
}

/** What `$` stands for afterwards: all that was found, or, where MIN or MAX were asked for alone, those (RFC 5182 §2.4). */
function savedPlaces(returns: readonly string[], places: Uint32Array): Uint32Array {
  if (returns.includes('ALL') || returns.includes('COUNT') || !(returns.includes('MIN') || returns.includes('MAX'))) return places;
  const saved: number[] = [];
  if (returns.includes('MIN') && places.length > 0) saved.push(places[0] ?? 0);
  if (returns.includes('MAX') && places.length > 0) saved.push(places.at(-1) ?? 0);
  return Uint32Array.from(new Set(saved));
}

async function run(connection: ImapConnection, command: SearchCommand): Promise<TaggedReply> {
  const { view, session } = connection;
  const { returns } = command;
  const keys = [...keysIn(command.key)];
  const asksModseq = keys.some(({ type }) => type === 'modseq');
  // RFC 5182 §2.1: a SEARCH that fails leaves nothing saved
  const saves = returns?.includes('SAVE') ?? false;
  if (command.unknownCharset !== undefined) {
    if (saves) view.saved = new Uint32Array();
    return refused('BADCHARSET (UTF-8 US-ASCII)', 'This charset is not known here');
  }
  if (asksModseq) enableCondstore(connection);
  const before = view.saved;
  const places = await findPlaces(connection, command.key).catch((error: unknown) => {
    view.saved = saves ? new Uint32Array() : before;
    throw error;
  });
  if (saves) view.saved = view.uidsAt(savedPlaces(returns ?? [], places));
  const numbers = command.uid ? view.uidsAt(places) : places.map((place) => place + 1);
  const modseq = asksModseq && places.length > 0 ? highestModseq(connection, places) : undefined;
  // RFC 5182 §2.1: SAVE alone asks for no answer
  if (returns && returns.every((option) => option === 'SAVE')) return completed('SEARCH');
  if (returns || session.isEnabled('IMAP4rev2')) writeEsearch(connection, command, session.tag, numbers, modseq);
  else writeSearch(connection, numbers, modseq);
  return completed('SEARCH');
}

/** SEARCH and UID SEARCH (RFC 9051 §6.4.4). */
export const search: CommandHandler<SearchCommand> = {
  name: 'SEARCH',
  run,
  // RFC 7162 §3.2.10.2: not while numbers are in the command or its answer
  tells: (command) =>
    command.uid && ![...keysIn(command.key)].some((key) => key.type === 'numbers' && !(key as { uid?: boolean }).uid)
      ? 'all'
      : 'numbers-stay',
};
