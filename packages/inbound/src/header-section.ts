import { findField, findFields, type HeaderField, parseHeaderFields } from '@mox/message-format';

/** What is read from a header section on its way in. Values are as written, unfolded. */
export interface HeaderFacts {
  readonly messageId?: string;
  readonly from: readonly string[];
  readonly subject?: string;
  readonly hasDate: boolean;
  /** Received fields: how often the message was passed on. */
  readonly received: number;
  /** Names of fields that a list, or a person who sends a message on, puts into it, in lower case. */
  readonly passedOn: readonly string[];
  /** Names of fields that were taken out. */
  readonly removed: readonly string[];
}

/** Of a header section that was not read. */
export const noHeader: HeaderFacts = { from: [], hasDate: false, received: 0, passedOn: [], removed: [] };

/** Whether a field is to be taken out. */
export type FieldFilter = (field: HeaderField) => boolean;

/** RFC 2919 §3, RFC 2369 §3.4, RFC 5322 §3.6.6. */
const passedOnFields: readonly string[] = ['list-id', 'list-post', 'resent-from'];

/** Longest values kept in records. */
const longestValue = 998;

function factsOf(fields: readonly HeaderField[], removed: readonly string[]): HeaderFacts {
  const messageId = findField(fields, 'message-id')?.value.slice(0, longestValue);
  const subject = findField(fields, 'subject')?.value.slice(0, longestValue);
  return {
    from: findFields(fields, 'from').map(({ value }) => value),
    hasDate: findField(fields, 'date') !== undefined,
    received: findFields(fields, 'received').length,
    passedOn: passedOnFields.filter((name) => findField(fields, name) !== undefined),
    removed,
    ...(messageId === undefined ? {} : { messageId }),
    ...(subject === undefined ? {} : { subject }),
  };
}

/** A header section as it is to be written. */
export interface FilteredHeader {
  /** What is left of it, in order. */
  readonly pieces: readonly Uint8Array[];
  readonly facts: HeaderFacts;
  /**
   * Its first line starts with white space, and would go on the field that is put above it, as though this host had written it:
   * an empty line has to come before it (RFC 5322 §2.2.3).
   */
  readonly startsFolded: boolean;
}

const cr = 0x0d;
const lf = 0x0a;
const space = 0x20;
const tab = 0x09;

/** Reads the fields of a header section and takes some of them out. */
export function filterHeader(header: Uint8Array, filter: FieldFilter): FilteredHeader {
  const kept: HeaderField[] = [];
  const removed: string[] = [];
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (const field of parseHeaderFields(header)) {
    if (!filter(field)) {
      kept.push(field);
      continue;
    }
    removed.push(field.name);
    if (field.start > start) pieces.push(header.subarray(start, field.start));
    start = field.end;
  }
  if (start < header.length) pieces.push(header.subarray(start));
  return { pieces, facts: factsOf(kept, removed), startsFolded: header[0] === space || header[0] === tab };
}

/** Gathers the header section of a message that comes in pieces, in one array. */
export class HeaderCollector {
  #bytes = new Uint8Array(4096);
  #length = 0;
  /** How much of CR LF CR LF was seen last. The message starts as if behind a line end. */
  #matched = 2;

  /** How many bytes it holds. */
  get length(): number {
    return this.#length;
  }

  /** Takes a piece. Returns the rest of it, which belongs to the body, where the empty line is in it. */
  push(piece: Uint8Array): Uint8Array | undefined {
    let matched = this.#matched;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at];
      if (byte === (matched % 2 === 0 ? cr : lf)) matched++;
      else matched = byte === cr ? 1 : 0;
      if (matched === 4) {
        this.#add(piece.subarray(0, at + 1));
        return piece.subarray(at + 1);
      }
    }
    this.#matched = matched;
    this.#add(piece);
    return undefined;
  }

  #add(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** The section, the empty line included where there was one. */
  take(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** The authserv-id of an Authentication-Results field (RFC 8601 §2.2), in lower case; comments before it are passed over. */
export function authservId(value: string): string {
  let depth = 0;
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === '\\') at++;
    else if (character === '(') depth++;
    else if (character === ')' && depth > 0) depth--;
    else if (depth === 0 && character !== ' ' && character !== '\t') {
      const rest = value.slice(at);
      const end = rest.search(/[\s;(]/);
      return (end < 0 ? rest : rest.slice(0, end)).replace(/^"|"$/g, '').toLowerCase();
    }
  }
  return '';
}
