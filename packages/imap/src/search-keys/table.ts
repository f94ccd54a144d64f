import { type CommandCursor, decodeUtf8 } from '../command-cursor.ts';
import type { SearchKey, SearchKeyContext, SearchKeyDefinition } from '../search-key.ts';
import { basicKeys } from './basic.ts';
import { modseqKey } from './modseq.ts';
import { emailIdKey, threadIdKey } from './object-id.ts';
import { savedDateKeys } from './saved-date.ts';
import { olderKey, youngerKey } from './within.ts';

/** Every search key: an extension's key is a row here. */
export const searchKeys: readonly SearchKeyDefinition[] = /* @__PURE__ */ [
  basicKeys,
  modseqKey,
  emailIdKey,
  threadIdKey,
  savedDateKeys,
  olderKey,
  youngerKey,
].flat();

const byName = /* @__PURE__ */ new Map(/* @__PURE__ */ searchKeys.map((definition) => [definition.name, definition]));

class KeyParser implements SearchKeyContext {
  readonly cursor: CommandCursor;
  readonly #decode: (bytes: string) => string | undefined;
  #depth = 0;

  constructor(cursor: CommandCursor, decode: (bytes: string) => string | undefined) {
    this.cursor = cursor;
    this.#decode = decode;
  }

  // Fields, not methods: rows take them out of the context.
  readonly text = (): string => this.#decode(this.cursor.astring()) ?? this.cursor.fail('the text is not in the charset that was named');

  readonly key = (): SearchKey => {
    const { cursor } = this;
    if (++this.#depth > cursor.options.nesting) cursor.fail('the search is nested too deeply');
    const key = this.#key();
    this.#depth--;
    return key;
  };

  #key(): SearchKey {
    const { cursor } = this;
    const next = cursor.peek();
    if (next === 40) return allOf(cursor.list(this.key));
    if ((next >= 48 && next <= 57) || next === 42 || next === 36) {
      return { type: 'numbers', set: cursor.sequenceSet(), uid: false } as SearchKey;
    }
    const start = cursor.at;
    const definition = byName.get(cursor.itemName());
    if (definition) return definition.parse(this);
    cursor.at = start;
    return cursor.fail('there is no such search key');
  }
}

function allOf(keys: readonly SearchKey[]): SearchKey {
  const [only] = keys;
  return keys.length === 1 && only ? only : ({ type: 'and', keys } as SearchKey);
}

/** One or more keys, of which all must hold. `decode` undoes the charset: undefined for bytes that are not in it. */
export function parseSearchKeys(cursor: CommandCursor, decode: (bytes: string) => string | undefined = decodeUtf8): SearchKey {
  const parser = new KeyParser(cursor, decode);
  const keys = [parser.key()];
  while (cursor.take(' ')) keys.push(parser.key());
  return allOf(keys);
}
