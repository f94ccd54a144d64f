import type { PartialRange } from '@mox/imap';
import { FieldNames, type SectionBytes, selectFields } from '@mox/message-format';
import { clip } from './part-path.ts';

/** Places in an array of bytes: a flat list of `start, end`, ascending. */
export type Places = readonly number[];

/** Which fields of a header section are wanted: those with some names, or all others. */
export class FieldFilter {
  readonly #choose: (bytes: Uint8Array, start: number, end: number) => boolean;

  constructor(names: readonly string[], { not }: { readonly not: boolean }) {
    const wanted = new FieldNames(names);
    this.#choose = (bytes, start, end) => wanted.match(bytes, start, end) !== not;
  }

  /**
   * Where the fields stand, and behind them the empty line where there is one (RFC 9051 §6.4.5.1). Lines that are no field belong to
   * none of the names.
   */
  select(section: SectionBytes): Places {
    return selectFields(section, this.#choose);
  }
}

/** How many bytes stand at some places. */
export function sizeOfPlaces(places: Places): number {
  let sizeBytes = 0;
  for (let i = 0; i < places.length; i += 2) sizeBytes += (places[i + 1] ?? 0) - (places[i] ?? 0);
  return sizeBytes;
}

/** Of what stands at some places, one behind the other, what a partial FETCH wants. */
export function clipPlaces(places: Places, partial: PartialRange | undefined): Places {
  if (!partial) return places;
  const wanted = clip({ start: 0, end: sizeOfPlaces(places) }, partial);
  const clipped: number[] = [];
  for (let i = 0, at = 0; i < places.length; i += 2) {
    const [start = 0, end = 0] = [places[i], places[i + 1]];
    const from = start + Math.max(0, wanted.start - at);
    const to = Math.min(end, start + wanted.end - at);
    if (from < to) clipped.push(from, to);
    at += end - start;
  }
  return clipped;
}

/** The bytes at some places, put together. */
export function bytesAt(bytes: Uint8Array, places: Places): Uint8Array {
  const joined = new Uint8Array(sizeOfPlaces(places));
  for (let i = 0, at = 0; i < places.length; i += 2) {
    const piece = bytes.subarray(places[i], places[i + 1]);
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
