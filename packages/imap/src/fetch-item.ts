import type { CommandCursor } from './command-cursor.ts';

/** A FETCH data item as asked for (RFC 9051 §6.4.5). Plain data. */
export interface FetchItem {
  /** Name in upper case. Items with a section end in brackets: `BODY[]`, `BINARY[]`, `BINARY.SIZE[]`. */
  readonly name: string;
}

/** One row of the table of FETCH items. */
export interface FetchItemDefinition<Item extends FetchItem = FetchItem> {
  /** What the client writes, up to a bracket. */
  readonly name: string;
  /** Capabilities to announce because the item is there. */
  readonly capabilities?: readonly string[];
  /** Reads what stands behind the name. Absent: nothing does. */
  parse?(cursor: CommandCursor): Item;
}
