import { resolveRanges, type SequenceRange, type SequenceSet } from '@mox/imap';
import type { AccountChange, FlagUpdateResult, MailboxChange, MailboxIndex } from '@mox/store';
import type { FlagTexts } from './flag-texts.ts';
import { MessageTable } from './message-table.ts';
import type { RecentMarks } from './recent-marks.ts';

/**
 * A selected mailbox as one client sees it. Its sequence numbers are those that the client was told of: what happens in the store
 * is applied at once where that cannot be noticed, and waits to be told where it changes numbers (RFC 9051 §7.5.1).
 *
 * The table holds all messages that are known; the first `told` of them have sequence numbers. Messages that are gone stay in it
 * until the client is told.
 */
export class SelectedMailbox {
  readonly id: string;
  readonly path: string;
  readonly uidValidity: number;
  readonly readOnly: boolean;
  readonly flags: FlagTexts;
  readonly table: MessageTable;
  /** How many messages the client knows of. */
  told: number;
  /** Uids that are gone, the client not yet told, with the modseq of their going. */
  readonly gone: Map<number, number> = new Map();
  /** Uids whose flags changed without the client being told, with the modseq of the first such change. */
  readonly changed: Map<number, number> = new Map();
  /** Flag sets that came up since the client was told which flags there are. */
  readonly newFlagSets: Set<number> = new Set();
  /** Keywords that the client was told of. */
  readonly keywords: Set<string> = new Set();
  /** The result of the last SEARCH with SAVE (RFC 5182 §2.1). */
  saved: Uint32Array = new Uint32Array();
  uidNext: number;
  highestModseq: number;
  /** Whether the mailbox itself is gone. */
  deleted = false;
  readonly #seenFlagSets: Set<number>;
  readonly #recents: RecentMarks;

  constructor(index: MailboxIndex, options: { readonly readOnly: boolean; readonly flags: FlagTexts; readonly recents: RecentMarks }) {
    const { mailbox } = index;
    this.id = mailbox.id;
    this.path = mailbox.path;
    this.uidValidity = mailbox.uidValidity;
    this.uidNext = mailbox.uidNext;
    this.highestModseq = mailbox.highestModseq;
    this.readOnly = options.readOnly;
    this.flags = options.flags;
    this.#recents = options.recents;
    this.table = new MessageTable(index);
    this.told = 0;
    this.tellNew();
    this.#seenFlagSets = new Set(index.flagSets.map(({ id }) => id));
    for (const { flags } of index.flagSets) for (const flag of flags) if (!flag.startsWith('\\')) this.keywords.add(flag);
  }

  /** Takes in a committed change of the account, whoever made it. True where there is something to tell. */
  apply(change: AccountChange): boolean {
    this.flags.add(change.flagSets);
    for (const mailbox of change.mailboxes) if (mailbox.id === this.id && mailbox.kind === 'deleted') this.#deleted(change.modseq);
    // What the index held already when it was read comes again.
    if (change.modseq > this.highestModseq) {
      for (const messages of change.messages) if (messages.mailboxId === this.id) this.#apply(messages, change.modseq);
    }
    return this.pending;
  }

  /** Whether there is something to tell. */
  get pending(): boolean {
    return this.gone.size > 0 || this.changed.size > 0 || this.newFlagSets.size > 0 || this.table.length > this.told;
  }

  #apply(change: MailboxChange, modseq: number): void {
    this.highestModseq = modseq;
    if (change.added) {
      this.table.append(change.added);
      this.uidNext = Math.max(this.uidNext, (change.added.uids.at(-1) ?? 0) + 1);
      this.#noteFlagSets(change.added.flagSetIds);
    }
    if (change.flags) this.#applyFlags(change.flags, modseq);
    if (change.expunged) this.#applyExpunged(change.expunged, modseq);
  }

  #applyFlags(states: NonNullable<MailboxChange['flags']>, modseq: number): void {
    for (let i = 0; i < states.uids.length; i++) {
      const uid = states.uids[i] ?? 0;
      const place = this.table.find(uid);
      if (place < 0 || (this.table.modseqs[place] ?? 0) >= (states.modseqs[i] ?? 0)) continue;
      this.table.flagSetIds[place] = states.flagSetIds[i] ?? 0;
      this.table.modseqs[place] = states.modseqs[i] ?? 0;
      if (place < this.told && !this.changed.has(uid)) this.changed.set(uid, modseq);
    }
    this.#noteFlagSets(states.flagSetIds);
  }

  /** Takes in what became of a flag update made here. Where the change was heard of already nothing more happens. */
  applyOwn({ uids, modseqs, flagSetIds, flagSets }: FlagUpdateResult): void {
    this.flags.add(flagSets);
    for (let i = 0; i < uids.length; i++) {
      const place = this.table.find(uids[i] ?? 0);
      if (place < 0 || (this.table.modseqs[place] ?? 0) >= (modseqs[i] ?? 0)) continue;
      this.table.flagSetIds[place] = flagSetIds[i] ?? 0;
      this.table.modseqs[place] = modseqs[i] ?? 0;
    }
    this.#noteFlagSets(flagSetIds);
  }

  /** Takes in that messages were removed from here. */
  applyOwnExpunge(uids: Iterable<number>): void {
    for (const uid of uids) {
      const place = this.table.find(uid);
      if (place >= 0 && place < this.told && !this.gone.has(uid)) this.gone.set(uid, this.highestModseq + 1);
      this.changed.delete(uid);
    }
  }

  /** Makes sure that the flags of messages at some places can be shown. */
  loadFlags(places: ArrayLike<number>): Promise<void> {
    const ids = new Uint32Array(places.length);
    for (let i = 0; i < places.length; i++) ids[i] = this.table.flagSetIds[places[i] ?? 0] ?? 0;
    return this.flags.load(this.flags.missing(ids));
  }

  #applyExpunged(uids: Uint32Array, modseq: number): void {
    const untold: number[] = [];
    for (const uid of uids) {
      const place = this.table.find(uid);
      if (place < 0) continue;
      if (place < this.told) this.gone.set(uid, modseq);
      else untold.push(place);
      this.changed.delete(uid);
    }
    this.table.remove(untold);
  }

  #deleted(modseq: number): void {
    this.deleted = true;
    this.#applyExpunged(this.table.uids.slice(0, this.table.length), modseq);
  }

  #noteFlagSets(ids: Uint32Array): void {
    for (const id of ids) {
      if (this.#seenFlagSets.has(id)) continue;
      this.#seenFlagSets.add(id);
      this.newFlagSets.add(id);
    }
  }

  /** The client is told of all messages: from now on they have numbers. Those that it is the first to be told of are recent. */
  tellNew(): void {
    const { table } = this;
    const before = this.#recents.told(this.id);
    for (let place = table.length - 1; place >= this.told && (table.uids[place] ?? 0) > before; place--) table.recent[place] = 1;
    this.told = table.length;
    // RFC 3501 §6.3.2: EXAMINE takes \\Recent from nobody
    if (!this.readOnly) this.#recents.tell(this.id, table.uids[this.told - 1] ?? 0);
  }

  /** Places of messages that are recent to this client. */
  get recentPlaces(): Uint32Array {
    const { recent } = this.table;
    const places: number[] = [];
    for (let place = recent.indexOf(1); place >= 0 && place < this.told; place = recent.indexOf(1, place + 1)) places.push(place);
    return Uint32Array.from(places);
  }

  /** Takes note of keywords that came up. True where the client does not know some of them yet. */
  learnKeywords(): boolean {
    if (this.newFlagSets.size === 0) return false;
    const before = this.keywords.size;
    const unknown = this.flags.missing([...this.newFlagSets]);
    for (const id of this.newFlagSets) {
      if (unknown.has(id)) continue;
      for (const flag of this.flags.get(id).flags) if (!flag.startsWith('\\')) this.keywords.add(flag);
      this.newFlagSets.delete(id);
    }
    return this.keywords.size > before;
  }

  /** Forgets messages that are gone: they have no numbers any more. Gives their places, ascending, as they were. */
  forgetGone(): readonly number[] {
    const places = [...this.gone.keys()].map((uid) => this.table.find(uid)).filter((place) => place >= 0);
    places.sort((a, b) => a - b);
    this.table.remove(places);
    this.told -= places.length;
    this.gone.clear();
    return places;
  }

  /** Largest uid that the client was told of; where there is none, what the next one would be (RFC 9051 §9, seq-number). */
  get lastUid(): number {
    return this.told > 0 ? (this.table.uids[this.told - 1] ?? 0) : this.uidNext;
  }

  /** Places of the messages that a set names, ascending. Undefined where it names a sequence number that there is not. */
  places(set: SequenceSet, uid: boolean): Uint32Array | undefined {
    if (set.type === 'saved') return this.placesOfUids(this.saved);
    if (uid) return this.#placesOfUidRanges(set.ranges);
    const resolved = resolveRanges(set.ranges, this.told);
    const first = resolved[0]?.[0] ?? 0;
    const last = resolved.at(-1)?.[1] ?? 0;
    return first < 1 || last > this.told ? undefined : this.#placesOfNumbers(resolved);
  }

  /** As `places`, for a search, which passes over sequence numbers that there are not. */
  placesThatAre(set: SequenceSet, uid: boolean): Uint32Array {
    if (uid || set.type === 'saved') return this.places(set, uid) ?? new Uint32Array();
    return this.#placesOfNumbers(resolveRanges(set.ranges, this.told));
  }

  /** Places of those among some uids that the client was told of, in the order given. */
  placesOfUids(uids: Uint32Array): Uint32Array {
    const places = new Uint32Array(uids.length);
    let count = 0;
    for (const uid of uids) {
      const place = this.table.find(uid);
      if (place >= 0 && place < this.told) places[count++] = place;
    }
    return places.subarray(0, count);
  }

  /** Uids at some places. */
  uidsAt(places: Uint32Array): Uint32Array {
    const { uids } = this.table;
    const found = new Uint32Array(places.length);
    for (let i = 0; i < places.length; i++) found[i] = uids[places[i] ?? 0] ?? 0;
    return found;
  }

  #placesOfNumbers(resolved: readonly SequenceRange[]): Uint32Array {
    return spread(resolved.map(([from, to]) => [Math.max(0, from - 1), Math.min(to, this.told)]));
  }

  #placesOfUidRanges(ranges: readonly SequenceRange[]): Uint32Array {
    const { table } = this;
    const at = (uid: number): number => {
      const place = table.find(uid);
      return Math.min(place < 0 ? ~place : place, this.told);
    };
    return spread(resolveRanges(ranges, this.lastUid).map(([from, to]) => [at(from), to >= 0xffff_ffff ? this.told : at(to + 1)]));
  }
}

/** The whole numbers of ranges [from, to), in order. */
function spread(ranges: readonly (readonly [from: number, to: number])[]): Uint32Array {
  const places = new Uint32Array(ranges.reduce((sum, [from, to]) => sum + Math.max(0, to - from), 0));
  let at = 0;
  for (const [from, to] of ranges) for (let place = from; place < to; place++) places[at++] = place;
  return places;
}
