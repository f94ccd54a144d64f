import { fromLatin1, toUtf8 } from '@mox/runtime';

/** A field of a header section as it stands: a stretch of a text with one character for each byte. */
export interface RawField {
  /** Name in lower case. */
  readonly nameLower: string;
  /** The text that holds the field: a whole header section, or the field alone. */
  readonly text: string;
  readonly start: number;
  /** Offset of the colon. */
  readonly colon: number;
  /** Offset behind the field and its last CRLF. */
  readonly end: number;
  /** Whether the field is known to have no byte beyond ASCII. */
  readonly ascii?: boolean;
}

/** Where a field is. One character a byte. */
export interface RawText {
  readonly text: string;
  readonly start?: number;
  readonly end?: number;
  readonly ascii?: boolean;
}

/** The value of a field without the colon, with its folding. Bytes beyond ASCII are read as UTF-8 (RFC 6532 §3.2, RFC 8616 §5). */
export function fieldValue(field: RawField): string {
  const value = field.text.slice(field.colon + 1, field.end);
  return !field.ascii && /[\x80-\xff]/.test(value) ? toUtf8(fromLatin1(value)) : value;
}

const colonCode = 58;
const spaceCode = 32;
const tabCode = 9;

/** The field between two offsets of a text, or that is all of it; undefined where there is none: no colon, no name before it (RFC 5322 §3.6.8). */
export function readRawField({ text, start = 0, end = text.length, ascii = false }: RawText): RawField | undefined {
  let nameEnd = start;
  while (nameEnd < end) {
    const code = text.charCodeAt(nameEnd);
    if (code <= spaceCode || code > 126 || code === colonCode) break;
    nameEnd++;
  }
  if (nameEnd === start) return undefined;
  let colon = nameEnd;
  // RFC 5322 §4.5: once there might be white space before the colon.
  while (colon < end && (text.charCodeAt(colon) === spaceCode || text.charCodeAt(colon) === tabCode)) colon++;
  if (colon >= end || text.charCodeAt(colon) !== colonCode) return undefined;
  return { nameLower: text.slice(start, nameEnd).toLowerCase(), text, start, colon, end, ascii };
}

/** The fields of a name. */
interface Named {
  readonly fields: RawField[];
  /** How many of them are still to be selected. */
  left: number;
}

/** The fields of a header section, and those of a name. */
export class HeaderFields {
  readonly fields: readonly RawField[];
  /** The first line that is no field, or its beginning, one character a byte: where it stands, some readers see the body begin. */
  readonly malformedLine: string | undefined;
  readonly #byName = new Map<string, Named>();

  constructor(fields: readonly RawField[], { malformedLine }: { readonly malformedLine?: string | undefined } = {}) {
    this.fields = fields;
    this.malformedLine = malformedLine;
    for (const field of fields) {
      const named = this.#byName.get(field.nameLower);
      if (named) named.fields.push(field);
      else this.#byName.set(field.nameLower, { fields: [field], left: 0 });
    }
  }

  /** Whether there are lines that are no field. */
  get malformed(): boolean {
    return this.malformedLine !== undefined;
  }

  /** Fields of a name in lower case, from the top down. */
  named(nameLower: string): readonly RawField[] {
    return this.#byName.get(nameLower)?.fields ?? [];
  }

  /**
   * The fields that a tag `h` means: each name taken from the bottom up, names without a field left out (RFC 6376 §5.4.2).
   * `own`, the field of the signature itself, is none of them (RFC 6376 §3.5).
   */
  select(names: readonly string[], own?: RawField): readonly RawField[] {
    for (const named of this.#byName.values()) named.left = named.fields.length;
    const selected: RawField[] = [];
    let last: string | undefined;
    let named: Named | undefined;
    for (const name of names) {
      // Names that are signed once more than they occur stand together.
      if (name !== last) named = this.#byName.get(name.toLowerCase());
      last = name;
      if (named && named.left > 0 && named.fields[named.left - 1] === own) named.left--;
      if (named && named.left > 0) selected.push(named.fields[--named.left] as RawField);
    }
    return selected;
  }
}

/** As much of a line that is no field is kept. */
const shownCharacters = 80;

/** What may stand among fields: the empty line behind them, and the line that mailbox files have before each message. */
function isNoField(header: string, start: number, end: number): boolean {
  return end - start <= 2 ? header.slice(start, end).trim() === '' : start === 0 && header.startsWith('From ');
}

/**
 * Fields of a header section, one character a byte, with CRLF line ends; what is no field is passed over. `ascii` says that there is
 * known to be nothing beyond ASCII.
 */
export function readRawFields(header: string, { ascii = false }: { readonly ascii?: boolean } = {}): HeaderFields {
  const fields: RawField[] = [];
  let malformedLine: string | undefined;
  for (let at = 0; at < header.length; ) {
    let end = header.indexOf('\n', at) + 1;
    while (end > 0 && (header.charCodeAt(end) === spaceCode || header.charCodeAt(end) === tabCode)) end = header.indexOf('\n', end) + 1;
    if (end === 0) end = header.length;
    const field = readRawField({ text: header, start: at, end, ascii });
    if (field) fields.push(field);
    else if (malformedLine === undefined && !isNoField(header, at, end))
      malformedLine = header.slice(at, Math.min(end, at + shownCharacters)).trimEnd();
    at = end;
  }
  return new HeaderFields(fields, { malformedLine });
}
