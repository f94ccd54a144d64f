import type { CommandCursor } from '../command-cursor.ts';
import type { FetchItem, FetchItemDefinition } from '../fetch-item.ts';
import { type PartialRange, parsePartial, parsePath } from './section.ts';

/** `BINARY[…]` and `BINARY.PEEK[…]`: a part's body with its transfer encoding undone (RFC 9051 §6.4.5, RFC 3516 §4.2). */
export interface BinaryItem extends FetchItem {
  readonly name: 'BINARY[]';
  readonly peek: boolean;
  readonly path: readonly number[];
  readonly partial?: PartialRange;
}

/** `BINARY.SIZE[…]`: how many bytes `BINARY[…]` would give. */
export interface BinarySizeItem extends FetchItem {
  readonly name: 'BINARY.SIZE[]';
  readonly path: readonly number[];
}

function parseSectionPart(cursor: CommandCursor): readonly number[] {
  cursor.expect('[');
  const path = parsePath(cursor);
  cursor.expect(']');
  return path;
}

function parseBinary(cursor: CommandCursor, peek: boolean): BinaryItem {
  const path = parseSectionPart(cursor);
  const partial = parsePartial(cursor);
  return { name: 'BINARY[]', peek, path, ...(partial ? { partial } : {}) };
}

/** BINARY. */
export const binary: FetchItemDefinition<BinaryItem> = {
  name: 'BINARY',
  capabilities: ['BINARY'],
  parse: (cursor) => parseBinary(cursor, false),
};

/** BINARY.PEEK. */
export const binaryPeek: FetchItemDefinition<BinaryItem> = { name: 'BINARY.PEEK', parse: (cursor) => parseBinary(cursor, true) };

/** BINARY.SIZE. */
export const binarySize: FetchItemDefinition<BinarySizeItem> = {
  name: 'BINARY.SIZE',
  parse: (cursor) => ({ name: 'BINARY.SIZE[]', path: parseSectionPart(cursor) }),
};
