import type { FetchCommand, TaggedReply } from '@mox/imap';
import type { Email } from '@mox/store';
import { ByteWriter } from '../byte-writer.ts';
import { enableCondstore } from '../condstore.ts';
import { type FetchPlan, planFetch } from '../fetch-plan.ts';
import { type FetchedMessage, FetchProblem, type PreparedItem } from '../fetch-writer.ts';
import type { CommandHandler } from '../handler.ts';
import { completed, type ImapConnection, noSuchNumber, refused } from '../imap-connection.ts';
import { writeVanished } from '../qresync.ts';
import { formatFlags, formatNewKeywords } from '../tell-changes.ts';

/** Bytes gathered before they are handed to the session. */
const batchBytes = 65_536;
/** Bytes of a literal from which on they are not worth copying to the others. */
const largeBytes = 16_384;
/** Messages, and bytes of them, read side by side: the way to the storage thread and back costs as much as reading many of them. */
const groupMessages = 400;
const groupBytes = 1_048_576;

/** Writes responses, in pieces worth sending, and waits for a peer that is behind. */
class FetchOutput {
  readonly out: ByteWriter = new ByteWriter();
  readonly #connection: ImapConnection;
  /** Bytes handed to the session since the last `flush`. */
  #handed = 0;

  constructor(connection: ImapConnection) {
    this.#connection = connection;
  }

  /** The start of the response for a message. */
  begin(place: number): void {
    const { out } = this;
    out.text(formatNewKeywords(this.#connection.view));
    out.word('* ');
    out.number(place + 1);
    out.word(' FETCH (');
  }

  /** Whether it is time for `flush`. */
  get full(): boolean {
    return this.out.length + this.#handed >= batchBytes;
  }

  hand(): void {
    this.#handed += this.out.length;
    this.#connection.session.writeBytes(this.out.take());
  }

  async flush(): Promise<void> {
    this.hand();
    this.#handed = 0;
    await this.#connection.flush();
  }

  /** An item whose bytes are at hand. */
  item({ text, bytes }: PreparedItem): void {
    const { out } = this;
    out.text(text);
    if (!bytes) return;
    out.text(`{${bytes.length}}\r\n`);
    if (bytes.length < largeBytes) return out.bytes(bytes);
    this.hand();
    this.#connection.session.writeBytes(bytes);
    this.#handed += bytes.length;
  }

  /** An item whose literal is streamed. */
  async stream({ text, literal }: PreparedItem, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    if (!literal) return;
    this.out.text(text);
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
  const { out } = output;
  for (const place of places) {
    output.begin(place);
    plan.write({ place, uid: view.table.uids[place] ?? 0, email: undefined }, out);
    out.word(')\r\n');
    if (output.full) await output.flush();
    if (connection.over) return;
  }
  output.hand();
}

/** Answers a batch of messages of which all is known. */
async function fetchKnown(
  connection: ImapConnection,
  plan: FetchPlan,
  messages: readonly FetchedMessage[],
  output: FetchOutput,
): Promise<void> {
  for (const message of messages) {
    output.begin(message.place);
    plan.write(message, output.out);
    output.out.word(')\r\n');
    if (output.full) await output.flush();
    if (connection.over) return;
  }
}

/** A message of which the items that must be read were read. */
interface PreparedMessage {
  readonly message: FetchedMessage;
  readonly items: readonly (PreparedItem | undefined)[];
}

/** Writes one message of which literals are streamed. */
async function streamMessage(output: FetchOutput, plan: FetchPlan, { message, items }: PreparedMessage): Promise<void> {
  // Opened before the first word: what cannot be opened leaves no half response behind.
  const opened = await Promise.all(items.map(async (item) => item?.literal?.read()));
  output.begin(message.place);
  for (const [i, item] of items.entries()) {
    const pieces = opened[i];
    if (i > 0) output.out.word(' ');
    if (item && pieces) await output.stream(item, pieces);
    else if (item) output.item(item);
    else plan.writeItem(i, message, output.out);
  }
}

/** Writes one message of which all was read. */
function writeMessage(output: FetchOutput, plan: FetchPlan, { message, items }: PreparedMessage): void {
  output.begin(message.place);
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (i > 0) output.out.word(' ');
    if (item) output.item(item);
    else plan.writeItem(i, message, output.out);
  }
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

async function prepareGroup(plan: FetchPlan, group: readonly FetchedMessage[]): Promise<readonly PreparedMessage[]> {
  return Promise.all(group.map(async (message) => ({ message, items: await plan.prepare(message) })));
}

/** Reads what the items of messages need: the next group while the one before is written. */
async function* prepareAhead(plan: FetchPlan, messages: readonly FetchedMessage[]): AsyncGenerator<readonly PreparedMessage[]> {
  const ahead = groups(plan, messages);
  const prepareNext = (): Promise<readonly PreparedMessage[]> | undefined => {
    const { value } = ahead.next();
    const prepared = value && prepareGroup(plan, value);
    // Who stops writing leaves what was read ahead behind; its fault is nobody's then.
    prepared?.catch(() => {});
    return prepared;
  };
  let next = prepareNext();
  while (next) {
    const prepared = await next;
    next = prepareNext();
    yield prepared;
  }
}

/** Answers a batch of messages of which something must be read. Gives how many of them went meanwhile. */
async function fetchReading(
  connection: ImapConnection,
  plan: FetchPlan,
  messages: readonly FetchedMessage[],
  output: FetchOutput,
): Promise<number> {
  const places = messages.map(({ place }) => place);
  const seen = plan.setsSeen ? await markSeen(connection, places) : new Set<number>();
  await connection.view.loadFlags(places);
  let gone = 0;
  for await (const prepared of prepareAhead(plan, messages)) {
    for (const one of prepared) {
      const { place } = one.message;
      if (one.items.some((item) => item?.gone)) {
        gone++;
        continue;
      }
      if (one.items.some((item) => item?.literal)) await streamMessage(output, plan, one);
      else writeMessage(output, plan, one);
      output.out.text(`${seen.has(place) ? formatSeen(connection, place, plan) : ''})\r\n`);
      if (output.full) await output.flush();
      if (connection.over) return gone;
    }
  }
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

/**
 * The messages with all that reading their items needs: where what was read of an email is not enough, it is read again. Those that went
 * meanwhile are left out.
 */
async function readAll(
  connection: ImapConnection,
  plan: FetchPlan,
  messages: readonly FetchedMessage[],
): Promise<readonly FetchedMessage[]> {
  const { account, view } = connection;
  if (plan.allFields.length === plan.fields?.length) return messages;
  const uids = Uint32Array.from(
    messages.filter((message) => plan.mustRead(message)),
    ({ uid }) => uid,
  );
  const emails = new Map<number, Email>();
  for await (const batch of account.readEmails(view.id, uids, plan.allFields)) for (const email of batch) emails.set(email.uid, email);
  return messages.flatMap((message) => {
    if (!plan.mustRead(message)) return [message];
    const email = emails.get(message.uid);
    return email ? [{ ...message, email }] : [];
  });
}

/** Answers a batch of messages. Gives how many of them were there. */
async function fetchBatch(
  connection: ImapConnection,
  plan: FetchPlan,
  messages: readonly FetchedMessage[],
  output: FetchOutput,
): Promise<number> {
  const reads = messages.some((message) => plan.mustRead(message));
  if (!reads && !plan.setsSeen) {
    await fetchKnown(connection, plan, messages, output);
    return messages.length;
  }
  const all = reads ? await readAll(connection, plan, messages) : messages;
  return all.length - (await fetchReading(connection, plan, all, output));
}

/** Answers what must be read from the store. Gives how many messages were not there any more. */
async function fetchFromStore(connection: ImapConnection, plan: FetchPlan, places: Uint32Array): Promise<number> {
  const { account, view } = connection;
  const output = new FetchOutput(connection);
  let found = 0;
  for await (const emails of account.readEmails(view.id, view.uidsAt(places), plan.fields ?? [])) {
    found += await fetchBatch(connection, plan, known(view, emails), output);
    if (connection.over) return 0;
    await output.flush();
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
