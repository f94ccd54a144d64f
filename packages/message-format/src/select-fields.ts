import { fromUtf8, toLatin1 } from '@mox/runtime';

const lineFeed = 0x0a;
const colon = 0x3a;
/** How many names are tried one by one. */
const fewNames = 8;

/** A byte in lower case where it is a letter of ASCII. */
function toLower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}

/** Bytes `start` to `end` of an array that others may share. */
export interface SectionBytes {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Names of header fields, made ready to be looked for in the bytes of header sections: their case does not matter (RFC 5322 §1.2.2). */
export class FieldNames {
  /** The names in lower case, by their first byte. */
  readonly #byFirst: (Uint8Array[] | undefined)[] = [];
  /** The same as text with one character a byte, for when they are too many to be tried one by one. */
  readonly #texts = new Set<string>();
  readonly #beginnings: boolean;
  #longest = 0;

  /** With `beginnings` the names that begin with one of those given are meant. An empty name is none. */
  constructor(names: readonly string[], options: { readonly beginnings: boolean } = { beginnings: false }) {
    this.#beginnings = options.beginnings;
    for (const name of names) {
      const bytes = fromUtf8(name).map(toLower);
      const [first] = bytes;
      if (first === undefined) continue;
      (this.#byFirst[first] ??= []).push(bytes);
      this.#texts.add(toLatin1(bytes));
      this.#longest = Math.max(this.#longest, bytes.length);
    }
  }

  /** Whether the field that starts at `start` has one of the names. */
  match(bytes: Uint8Array, start: number, end: number): boolean {
    const candidates = this.#byFirst[toLower(bytes[start] ?? 0)];
    if (!candidates) return false;
    if (candidates.length > fewNames && !this.#beginnings) return this.#texts.has(this.#nameAt(bytes, start, end));
    for (const name of candidates) if (this.#begins(name, { bytes, start, end })) return true;
    return false;
  }

  /** The name at a place in lower case; empty where it is longer than all that are looked for, or none. */
  #nameAt(bytes: Uint8Array, start: number, end: number): string {
    const most = Math.min(end, start + this.#longest + 1);
    let at = start;
    while (at < most && bytes[at] !== colon && !isBlank(bytes[at])) at++;
    const name = bytes.subarray(start, at).map(toLower);
    while (at < end && isBlank(bytes[at])) at++;
    return at < end && bytes[at] === colon ? toLatin1(name) : '';
  }

  #begins(name: Uint8Array, { bytes, start, end }: SectionBytes): boolean {
    let at = start + name.length;
    if (at > end) return false;
    for (let i = 1; i < name.length; i++) if (toLower(bytes[start + i] ?? 0) !== name[i]) return false;
    if (this.#beginnings) return true;
    // RFC 5322 §4.5: the obsolete syntax lets white space stand before the colon.
    while (at < end && isBlank(bytes[at])) at++;
    return at < end && bytes[at] === colon;
  }
}

/** Behind the line that starts at `start`. */
function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== lineFeed) at++;
  return at < end ? at + 1 : end;
}

function isEmptyLine(bytes: Uint8Array, start: number, end: number): boolean {
  return bytes[start] === lineFeed || (bytes[start] === 0x0d && start + 1 < end && bytes[start + 1] === lineFeed);
}

/**
 * Chooses fields of a header section: gives where they stand, as a flat list of `start, end`, ascending, neighbours as one. Fields are taken
 * as they stood, folding included (RFC 5322 §2.2.3); a line that is no field is asked for like one. The empty line that ends the section is
 * always among what is given; nothing behind it is.
 */
export function selectFields(
  { bytes, start, end }: SectionBytes,
  choose: (bytes: Uint8Array, start: number, end: number) => boolean,
): number[] {
  const chosen: number[] = [];
  let last = -1;
  for (let at = start; at < end; ) {
    const empty = isEmptyLine(bytes, at, end);
    let next = lineEnd(bytes, at, end);
    while (!empty && next < end && isBlank(bytes[next])) next = lineEnd(bytes, next, end);
    if (empty || choose(bytes, at, next)) {
      if (last === at) chosen[chosen.length - 1] = next;
      else chosen.push(at, next);
      last = next;
    }
    if (empty) break;
    at = next;
  }
  return chosen;
}
