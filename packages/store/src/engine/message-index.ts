import type { MessageStates } from '../change.ts';
import type { SqliteDatabase } from './sqlite.ts';

/** One message as the index knows it. */
export interface IndexEntry {
  readonly uid: number;
  readonly modseq: number;
  readonly createdModseq: number;
  readonly flagSetId: number;
  readonly sizeBytes: number;
}

type Row = [uid: number, modseq: number, createdModseq: number, flagSetId: number, sizeBytes: number];

/** The messages of one mailbox in flat arrays ordered by uid: what every operation on many messages works on. */
export class MessageIndex {
  length = 0;
  uids: Uint32Array<ArrayBuffer>;
  modseqs: Float64Array<ArrayBuffer>;
  createdModseqs: Float64Array<ArrayBuffer>;
  flagSetIds: Uint32Array<ArrayBuffer>;
  sizes: Uint32Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.uids = new Uint32Array(capacity);
    this.modseqs = new Float64Array(capacity);
    this.createdModseqs = new Float64Array(capacity);
    this.flagSetIds = new Uint32Array(capacity);
    this.sizes = new Uint32Array(capacity);
  }

  /** Reads the index of a mailbox from its rows. */
  static read(database: SqliteDatabase, mailboxId: number): MessageIndex {
    const rows = database
      .sql<Row>('SELECT uid, modseq, created_modseq, flag_set_id, size_bytes FROM message WHERE mailbox_id = ? ORDER BY uid')
      .all(mailboxId);
    const index = new MessageIndex(rows.length + 64);
    for (const [uid, modseq, createdModseq, flagSetId, sizeBytes] of rows) {
      index.append({ uid, modseq, createdModseq, flagSetId, sizeBytes });
    }
    return index;
  }

  /** Puts a message behind the others: its uid is the highest. */
  append(entry: IndexEntry): void {
    if (this.length === this.uids.length) this.#grow(Math.max(64, this.length * 2));
    const at = this.length++;
    this.uids[at] = entry.uid;
    this.modseqs[at] = entry.modseq;
    this.createdModseqs[at] = entry.createdModseq;
    this.flagSetIds[at] = entry.flagSetId;
    this.sizes[at] = entry.sizeBytes;
  }

  #grow(capacity: number): void {
    const old = this as MessageIndex;
    const next = new MessageIndex(capacity);
    next.uids.set(old.uids);
    next.modseqs.set(old.modseqs);
    next.createdModseqs.set(old.createdModseqs);
    next.flagSetIds.set(old.flagSetIds);
    next.sizes.set(old.sizes);
    ({ uids: this.uids, modseqs: this.modseqs, createdModseqs: this.createdModseqs } = next);
    ({ flagSetIds: this.flagSetIds, sizes: this.sizes } = next);
  }

  /** Places of some uids, ascending; unknown uids are passed over. The uids may come in any order. */
  places(uids: Uint32Array): number[] {
    const places: number[] = [];
    let at = 0;
    let last = -1;
    for (const uid of isAscending(uids) ? uids : uids.toSorted()) {
      if (uid === last) continue;
      last = uid;
      at = this.#seek(uid, at);
      if (at < this.length && this.uids[at] === uid) places.push(at);
    }
    return places;
  }

  /** Whether some uids, ascending, are all that there are from the first to the last. */
  isRun(uids: Uint32Array): boolean {
    const [first, last] = [uids[0], uids.at(-1)];
    if (first === undefined || last === undefined) return false;
    const from = this.#seek(first, 0);
    const to = from + uids.length - 1;
    return this.uids[from] === first && to < this.length && this.uids[to] === last && isAscending(uids);
  }

  /** First place at or behind `from` whose uid is not below the given one: near places are found fastest. */
  #seek(uid: number, from: number): number {
    let low = from;
    let step = 1;
    while (low + step < this.length && (this.uids[low + step] ?? 0) < uid) {
      low += step;
      step *= 2;
    }
    let high = Math.min(low + step, this.length);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.uids[middle] ?? 0) < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Takes out the messages at some places, given ascending. */
  remove(places: readonly number[]): void {
    let next = 0;
    let to = places[0] ?? this.length;
    for (let from = to; from < this.length; from++) {
      if (places[next] === from) {
        next++;
        continue;
      }
      for (const column of [this.uids, this.modseqs, this.createdModseqs, this.flagSetIds, this.sizes]) column[to] = column[from] ?? 0;
      to++;
    }
    this.length = to;
  }

  /** A copy of all of it. */
  states(): MessageStates {
    return {
      uids: this.uids.slice(0, this.length),
      modseqs: this.modseqs.slice(0, this.length),
      flagSetIds: this.flagSetIds.slice(0, this.length),
      sizes: this.sizes.slice(0, this.length),
    };
  }

  /** A copy of what is at some places. */
  statesAt(places: readonly number[]): MessageStates {
    return {
      uids: pick(this.uids, places),
      modseqs: Float64Array.from(places, (at) => this.modseqs[at] ?? 0),
      flagSetIds: pick(this.flagSetIds, places),
      sizes: pick(this.sizes, places),
    };
  }
}

function pick(column: Uint32Array, places: readonly number[]): Uint32Array<ArrayBuffer> {
  const picked = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) picked[i] = column[places[i] ?? 0] ?? 0;
  return picked;
}

/** Whether uids are in strictly ascending order. */
export function isAscending(uids: Uint32Array): boolean {
  for (let i = 1; i < uids.length; i++) {
    if ((uids[i] ?? 0) <= (uids[i - 1] ?? 0)) return false;
  }
  return true;
}

/** Uids as the JSON text that `json_each` takes. */
export function uidsToJson(uids: Uint32Array): string {
  return `[${uids.join(',')}]`;
}
