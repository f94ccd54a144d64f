import type { FetchCommand, TaggedReply } from '@mox/imap';
import type { Email } from '@mox/store';
import { enableCondstore } from '../condstore.ts';
import { type FetchPlan, planFetch } from '../fetch-plan.ts';
import { type FetchedMessage, FetchProblem, type PreparedItem } from '../fetch-writer.ts';
import type { CommandHandler } from '../handler.ts';
import { completed, type ImapConnection, noSuchNumber, refused } from '../imap-connection.ts';
import { writeVanished } from '../qresync.ts';
import { formatFlags, formatNewKeywords } from '../tell-changes.ts';

/** Characters gathered before they are handed to the session. */
const batchLength = 65_536;
/** Messages, and bytes of them, read side by side: the way to the storage thread and back costs as much as reading many of them. */
const groupMessages = 400;
const groupBytes = 1_048_576;

/** Writes responses, in pieces worth sending, and waits for a peer that is behind. */
class FetchOutput {
  readonly #connection: ImapConnection;
  #text = '';
  /** Bytes handed to the session since the last `flush`. */
  #handed = 0;

  constructor(connection: ImapConnection) {
    this.#connection = connection;
  }

  /** The start of the response for a message. */
  begin(place: number): string {
    return `${formatNewKeywords(this.#connection.view)}* ${place + 1} FETCH (`;
  }

  /** Whether it is time for `flush`. */
  add(text: string): boolean {
    this.#text += text;
    return this.#text.length >= batchLength;
  }

  hand(): void {
    this.#connection.session.write(this.#text);
    this.#text = '';
  }

  async flush(): Promise<void> {
    this.hand();
    this.#handed = 0;
    await this.#connection.flush();
  }

  /** A literal whose bytes are at hand: they go out as they are. Whether it is time for `flush`. */
  bytes(text: string, bytes: Uint8Array): boolean {
    this.add(text);
    this.hand();
    const { session } = this.#connection;
    session.beginLiteral(bytes.length);
    session.writeLiteral(bytes);
    session.endLiteral();
    this.#handed += bytes.length;
    return this.#handed >= batchLength;
  }

  /** A literal, streamed. */
  async literal({ text, literal }: PreparedItem, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    if (!literal) return;
    this.add(text);
    this.hand();
    const { session } = this.#connection;
    session.beginLiteral(literal.sizeBytes, literal);
    for await (const piece of pieces) {
      session.writeLiteral(piece);
      await this.#connection.flush();
      // Nobody is there to read the rest.
      if (this.#connection.over) return;
    }
    session.endLiteral();
  }
}

/** Marks messages as seen; gives the places of those that were not. */
async function markSeen({ account, view }: ImapConnection, places: readonly number[]): Promise<ReadonlySet<number>> {
  const { table, flags } = view;
  const unseen = places.filter((place) => !flags.get(table.flagSetIds[place] ?? 0).seen);
  if (unseen.length === 0) return new Set();
  const uids = Uint32Array.from(unseen, (place) => table.uids[place] ?? 0);
  const result = await account.updateFlags(view.id, { uids, mode: 'add', flags: ['\\Seen'] });
  if (result) view.applyOwn(result);
  return new Set(unseen);
}

/** What is said beside the items of a message that was just seen (RFC 9051 §6.4.5; RFC 7162 §3.2.4). */
function formatSeen({ session, view }: ImapConnection, place: number, plan: FetchPlan): string {
  view.changed.delete(view.table.uids[place] ?? 0);
  const flags = plan.showsFlags ? '' : ` ${formatFlags(session, view, place)}`;
  return session.isEnabled('CONDSTORE') ? `${flags} MODSEQ (${view.table.modseqs[place]})` : flags;
}

/** Answers what the view knows by itself: nothing is read. */
async function fetchFromView(connection: ImapConnection, plan: FetchPlan, places: Uint32Array): Promise<void> {
  const { view } = connection;
  const output = new FetchOutput(connection);
  for (const place of places) {
    const text = plan.format({ place, uid: view.table.uids[place] ?? 0, email: undefined });
    if (output.add(`${output.begin(place)}${text})\r\n`)) await output.flush();
    if (connection.over) return;
  }
  output.hand();
}

/** Writes one message whose items had to be read. */
async function writeMessage(output: FetchOutput, place: number, items: readonly PreparedItem[], seen: string): Promise<void> {
  // Opened before the first word: what cannot be opened leaves no half response behind.
  const opened = await Promise.all(items.map(async (item) => item.literal?.read()));
  let space = output.begin(place);
  for (const [i, item] of items.entries()) {
    const pieces = opened[i];
    output.add(space);
    if (pieces) await output.literal(item, pieces);
    else if (item.bytes) {
      if (output.bytes(item.text, item.bytes)) await output.flush();
    } else if (output.add(item.text)) await output.flush();
    space = ' ';
  }
  output.add(`${seen})\r\n`);
}

/** Cuts messages into groups that may be read side by side: few large ones, many small ones. */
function* groups(plan: FetchPlan, messages: readonly FetchedMessage[]): Generator<readonly FetchedMessage[]> {
  let group: FetchedMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = plan.weigh(message);
    if (group.length > 0 && (group.length >= groupMessages || bytes + size > groupBytes)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(message);
    bytes += size;
  }
  if (group.length > 0) yield group;
}

/** Reads what the items of messages need: the next group while the one before is written. */
async function* prepareAhead(
  plan: FetchPlan,
  messages: readonly FetchedMessage[],
): AsyncGenerator<{ readonly place: number; readonly items: readonly PreparedItem[] }> {
  const prepare = (group: readonly FetchedMessage[]): Promise<readonly (readonly PreparedItem[])[]> => {
    const prepared = Promise.all(group.map((message) => plan.prepare(message)));
    // Who stops writing leaves what was read ahead behind; its fault is nobody's then.
    prepared.catch(() => {});
    return prepared;
  };
  const all = [...groups(plan, messages)];
  let next = all[0] && prepare(all[0]);
  for (const [i, group] of all.entries()) {
    const prepared = (await next) ?? [];
    const following = all[i + 1];
    next = following && prepare(following);
    for (const [k, { place }] of group.entries()) yield { place, items: prepared[k] ?? [] };
  }
}

/** Answers a batch of messages of which all is known. */
async function fetchKnown(connection: ImapConnection, plan: FetchPlan, messages: readonly FetchedMessage[]): Promise<void> {
  const output = new FetchOutput(connection);
  for (const message of messages) {
    if (output.add(`${output.begin(message.place)}${plan.format(message)})\r\n`)) await output.flush();
    if (connection.over) return;
  }
  await output.flush();
}

/** Answers a batch of messages of which something must be read. Gives how many of them went meanwhile. */
async function fetchReading(connection: ImapConnection, plan: FetchPlan, messages: readonly FetchedMessage[]): Promise<number> {
  const output = new FetchOutput(connection);
  const places = messages.map(({ place }) => place);
  const seen = plan.setsSeen ? await markSeen(connection, places) : new Set<number>();
  await connection.view.loadFlags(places);
  let gone = 0;
  for await (const { place, items } of prepareAhead(plan, messages)) {
    if (items.some((item) => item.gone)) gone++;
    else await writeMessage(output, place, items, seen.has(place) ? formatSeen(connection, place, plan) : '');
    if (connection.over) return gone;
  }
  await output.flush();
  return gone;
}

/** Emails with their places; those are left out that the client was not told of, or that are gone. */
function known({ table, told }: ImapConnection['view'], emails: readonly Email[]): readonly FetchedMessage[] {
  const messages: FetchedMessage[] = [];
  for (const email of emails) {
    const place = table.find(email.uid);
    if (place >= 0 && place < told) messages.push({ place, uid: email.uid, email });
  }
  return messages;
}

/** Answers what must be read from the store. Gives how many messages were not there any more. */
async function fetchFromStore(connection: ImapConnection, plan: FetchPlan, places: Uint32Array): Promise<number> {
  const { account, view } = connection;
  let found = 0;
  for await (const emails of account.readEmails(view.id, view.uidsAt(places), plan.fields ?? [])) {
    const messages = known(view, emails);
    found += messages.length;
    if (plan.reads) found -= await fetchReading(connection, plan, messages);
    else await fetchKnown(connection, plan, messages);
    if (connection.over) return 0;
  }
  return places.length - found;
}

async function run(connection: ImapConnection, command: FetchCommand): Promise<TaggedReply> {
  const { view, session } = connection;
  const { changedSince } = command;
  if (command.vanished && !session.isEnabled('QRESYNC')) return { status: 'BAD', text: 'QRESYNC must be enabled first' };
  const named = view.places(command.set, command.uid);
  if (!named) return noSuchNumber;
  const plan = planFetch(connection, command);
  if (!plan) return { status: 'BAD', text: 'There is no such FETCH item' };
  if (changedSince !== undefined || command.items.some(({ name }) => name === 'MODSEQ')) enableCondstore(connection);
  const places = changedSince === undefined ? named : named.filter((place) => (view.table.modseqs[place] ?? 0) > changedSince);
  // RFC 7162 §3.2.6: before any FETCH response
  if (command.vanished && command.set.type === 'ranges')
    await writeVanished(connection, { modseq: changedSince ?? 0, ranges: command.set.ranges, known: true });
  await view.loadFlags(places);
  try {
    if (plan.fields === undefined) await fetchFromView(connection, plan, places);
    else {
      const gone = await fetchFromStore(connection, plan, places);
      // RFC 2180 §4.1.2; a uid that is gone is as one that never was (RFC 9051 §6.4.9)
      if (gone > 0 && !command.uid) return refused('EXPUNGEISSUED', 'Some of the messages were expunged');
    }
  } catch (error) {
    if (error instanceof FetchProblem) return refused(error.code, error.message);
    throw error;
  }
  return completed('FETCH');
}

/** FETCH and UID FETCH (RFC 9051 §6.4.5). */
export const fetch: CommandHandler<FetchCommand> = { name: 'FETCH', run, tells: ({ uid }) => (uid ? 'all' : 'numbers-stay') };
