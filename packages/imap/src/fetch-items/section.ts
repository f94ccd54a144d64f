import type { CommandCursor } from '../command-cursor.ts';
import type { FetchItem, FetchItemDefinition } from '../fetch-item.ts';

/** Which bytes of a message: a part by its numbers, and what of the part (RFC 9051 §6.4.5.1). All absent: the whole message. */
export interface Section {
  /** Part numbers, from the outside in; empty for the message itself. */
  readonly path: readonly number[];
  readonly text?: 'HEADER' | 'HEADER.FIELDS' | 'HEADER.FIELDS.NOT' | 'TEXT' | 'MIME';
  /** Names for HEADER.FIELDS and HEADER.FIELDS.NOT, as written. */
  readonly fields?: readonly string[];
}

/** `<offset.count>`: a substring in bytes (RFC 9051 §6.4.5). */
export interface PartialRange {
  readonly offset: number;
  readonly count: number;
}

/** `BODY[…]`, `BODY.PEEK[…]`, and RFC822, RFC822.HEADER and RFC822.TEXT (RFC 3501 §6.4.5), which mean the same under another name. */
export interface BodySectionItem extends FetchItem {
  readonly name: 'BODY[]';
  /** Whether \Seen is left as it is. */
  readonly peek: boolean;
  readonly section: Section;
  readonly partial?: PartialRange;
  /** Name to answer by, where the client used one of RFC 3501's. */
  readonly legacyName?: 'RFC822' | 'RFC822.HEADER' | 'RFC822.TEXT';
}

/** `BODY`: the structure without extension data. */
export interface BodyStructureItem extends FetchItem {
  readonly name: 'BODY' | 'BODYSTRUCTURE';
}

const texts = ['HEADER.FIELDS.NOT', 'HEADER.FIELDS', 'HEADER', 'TEXT', 'MIME'] as const;

/** Part numbers, with the dot behind each but the last taken where a name follows. */
export function parsePath(cursor: CommandCursor): readonly number[] {
  const path: number[] = [];
  while (cursor.peek() >= 48 && cursor.peek() <= 57) {
    path.push(cursor.nzNumber());
    if (!cursor.take('.')) break;
    if (cursor.peek() === 93) cursor.fail('a part number is missing');
  }
  return path;
}

/** A section with its brackets. */
export function parseSection(cursor: CommandCursor): Section {
  cursor.expect('[');
  const path = parsePath(cursor);
  const afterNumber = path.length > 0 && cursor.text[cursor.at - 1] !== '.';
  if (cursor.take(']')) return { path };
  if (afterNumber) cursor.fail('a section must end here');
  const name = cursor.itemName();
  const text = texts.find((known) => known === name);
  if (text === undefined || (text === 'MIME' && path.length === 0)) return cursor.fail('there is no such section');
  if (!text.startsWith('HEADER.FIELDS')) {
    cursor.expect(']');
    return { path, text };
  }
  cursor.space();
  const fields = cursor.list(() => cursor.astring());
  cursor.expect(']');
  return { path, text, fields };
}

/** `<offset.count>` where it is there. */
export function parsePartial(cursor: CommandCursor): PartialRange | undefined {
  if (!cursor.take('<')) return undefined;
  const offset = cursor.number64();
  cursor.expect('.');
  const count = cursor.number64();
  if (count === 0) cursor.fail('zero bytes cannot be asked for');
  cursor.expect('>');
  return { offset, count };
}

function parseBodySection(cursor: CommandCursor, peek: boolean): BodySectionItem {
  const section = parseSection(cursor);
  const partial = parsePartial(cursor);
  return { name: 'BODY[]', peek, section, ...(partial ? { partial } : {}) };
}

/** BODY: with a section bytes, without one the structure. */
export const body: FetchItemDefinition<BodySectionItem | BodyStructureItem> = {
  name: 'BODY',
  parse: (cursor) => (cursor.peek() === 91 ? parseBodySection(cursor, false) : { name: 'BODY' }),
};

/** BODY.PEEK: a section without setting \Seen. */
export const bodyPeek: FetchItemDefinition<BodySectionItem> = {
  name: 'BODY.PEEK',
  parse: (cursor) => parseBodySection(cursor, true),
};

/** RFC822, as `BODY[]` (RFC 3501 §6.4.5). */
export const rfc822: FetchItemDefinition<BodySectionItem> = {
  name: 'RFC822',
  parse: () => ({ name: 'BODY[]', peek: false, section: { path: [] }, legacyName: 'RFC822' }),
};

/** RFC822.HEADER, as `BODY.PEEK[HEADER]` (RFC 3501 §6.4.5). */
export const rfc822Header: FetchItemDefinition<BodySectionItem> = {
  name: 'RFC822.HEADER',
  parse: () => ({ name: 'BODY[]', peek: true, section: { path: [], text: 'HEADER' }, legacyName: 'RFC822.HEADER' }),
};

/** RFC822.TEXT, as `BODY[TEXT]` (RFC 3501 §6.4.5). */
export const rfc822Text: FetchItemDefinition<BodySectionItem> = {
  name: 'RFC822.TEXT',
  parse: () => ({ name: 'BODY[]', peek: false, section: { path: [], text: 'TEXT' }, legacyName: 'RFC822.TEXT' }),
};
