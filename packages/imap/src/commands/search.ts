import { canDecode, decodeCharset } from '@mox/encoding';
import { fromLatin1 } from '@mox/runtime';
import { type CommandDefinition, type ImapCommand, selectedOnly } from '../command.ts';
import { type CommandCursor, decodeUtf8 } from '../command-cursor.ts';
import type { SearchKey } from '../search-key.ts';
import { parseSearchKeys } from '../search-keys/table.ts';

/** SEARCH and UID SEARCH (RFC 9051 §6.4.4). */
export interface SearchCommand extends ImapCommand {
  readonly name: 'SEARCH';
  readonly uid: boolean;
  readonly key: SearchKey;
  /** What RETURN asks for (RFC 4731 §3.1, RFC 5182 §2.1); absent without RETURN. An empty RETURN asks for ALL. */
  readonly returns?: readonly SearchReturn[];
  /** A charset that is not known here: texts were not decoded, and the answer is NO with BADCHARSET. */
  readonly unknownCharset?: string;
}

/** Options of RETURN. */
export type SearchReturn = 'MIN' | 'MAX' | 'ALL' | 'COUNT' | 'SAVE';

const returnOptions: readonly SearchReturn[] = ['MIN', 'MAX', 'ALL', 'COUNT', 'SAVE'];

function parseReturns(cursor: CommandCursor): readonly SearchReturn[] {
  cursor.space();
  const options = cursor.list(
    () => {
      const name = cursor.keyword();
      return returnOptions.find((option) => option === name) ?? cursor.fail('there is no such return option');
    },
    { empty: true },
  );
  return options.length > 0 ? options : ['ALL'];
}

/** CHARSET, which is UTF-8 where none is named (RFC 9051 §6.4.4). */
function parseCharset(cursor: CommandCursor): string | undefined {
  if (!cursor.takeKeyword('CHARSET')) return undefined;
  cursor.space();
  const charset = cursor.peek() === 34 ? cursor.string() : cursor.atom();
  cursor.space();
  return charset;
}

function decoderOf(charset: string | undefined): (bytes: string) => string | undefined {
  if (charset === undefined) return decodeUtf8;
  if (!canDecode(charset)) return (bytes) => bytes;
  return (bytes) => {
    const { text, problem } = decodeCharset(fromLatin1(bytes), charset);
    return problem === undefined ? text : undefined;
  };
}

/** SEARCH. */
export const search: CommandDefinition<SearchCommand> = {
  name: 'SEARCH',
  states: selectedOnly,
  uid: 'too',
  capabilities: ['ESEARCH', 'SEARCHRES'],
  parse(cursor, { uid }) {
    cursor.space();
    const returns = cursor.takeKeyword('RETURN') ? parseReturns(cursor) : undefined;
    if (returns) cursor.space();
    const charset = parseCharset(cursor);
    const key = parseSearchKeys(cursor, decoderOf(charset));
    const unknown = charset !== undefined && !canDecode(charset) ? { unknownCharset: charset } : {};
    return { name: 'SEARCH', uid, key, ...(returns ? { returns } : {}), ...unknown };
  },
};
