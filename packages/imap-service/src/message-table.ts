import type { MessageStates } from '@mox/store';

function grow<T extends Uint8Array | Uint32Array | Float64Array>(array: T, make: (length: number) => T, length: number): T {
  const grown = make(length);
  grown.set(array);
  return grown;
}

/** Where a uid is in an ascending array, or the complement of where it would be. */
export function findUid(uids: Uint32Array, length: number, uid: number): number {
  let low = 0;
  let high = length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = uids[middle] ?? 0;
    if (at === uid) return middle;
    if (at < uid) low = middle + 1;
    else high = middle - 1;
  }
  return ~low;
}

/** Messages of a mailbox by place: flat arrays of uid, modseq, flag set, size and whether recent, in order of uid, of which the first `length` count. */
export class MessageTable {
  length: number;
  uids: Uint32Array;
  modseqs: Float64Array;
  flagSetIds: Uint32Array;
  sizes: Uint32Array;
  /** 1 for what is `\\Recent` to this client (RFC 3501 §2.3.2). */
  recent: Uint8Array;

  constructor(states: MessageStates) {
    this.length = states.uids.length;
    this.uids = states.uids;
    this.modseqs = states.modseqs;
    this.flagSetIds = states.flagSetIds;
    this.sizes = states.sizes;
    this.recent = new Uint8Array(this.length);
  }

  /** Place of a uid, negative where it is not there. */
  find(uid: number): number {
    return findUid(this.uids, this.length, uid);
  }

  append(states: MessageStates): void {
    const needed = this.length + states.uids.length;
    if (needed > this.uids.length) this.#reserve(Math.max(needed, Math.ceil(this.uids.length * 1.25), 16));
    this.uids.set(states.uids, this.length);
    this.modseqs.set(states.modseqs, this.length);
    this.flagSetIds.set(states.flagSetIds, this.length);
    this.sizes.set(states.sizes, this.length);
    this.recent.fill(0, this.length, needed);
    this.length = needed;
  }

  /** Takes out the messages at some places, ascending. */
  remove(places: readonly number[]): void {
    const [first] = places;
    if (first === undefined) return;
    let to = first;
    for (let i = 0; i < places.length; i++) {
      const from = (places[i] ?? 0) + 1;
      const end = places[i + 1] ?? this.length;
      for (const array of [this.uids, this.modseqs, this.flagSetIds, this.sizes, this.recent]) array.copyWithin(to, from, end);
      to += end - from;
    }
    this.length = to;
  }

  #reserve(length: number): void {
    this.uids = grow(this.uids, (n) => new Uint32Array(n), length);
    this.modseqs = grow(this.modseqs, (n) => new Float64Array(n), length);
    this.flagSetIds = grow(this.flagSetIds, (n) => new Uint32Array(n), length);
    this.sizes = grow(this.sizes, (n) => new Uint32Array(n), length);
    this.recent = grow(this.recent, (n) => new Uint8Array(n), length);
  }
}
