import type { CommandCursor } from '../command-cursor.ts';
import type { BasicSearchKey, DateKey, SearchKeyContext, SearchKeyDefinition } from '../search-key.ts';

type Row = SearchKeyDefinition<BasicSearchKey>;

/* @__NO_SIDE_EFFECTS__ */
function flagKey(name: string, flag: string, set: boolean): Row {
  return { name, parse: () => ({ type: 'flag', flag, set }) };
}

/* @__NO_SIDE_EFFECTS__ */
function keywordKey(name: string, set: boolean): Row {
  return {
    name,
    parse({ cursor }) {
      cursor.space();
      return { type: 'flag', flag: cursor.flag(), set };
    },
  };
}

/* @__NO_SIDE_EFFECTS__ */
function textKey(type: 'from' | 'to' | 'cc' | 'bcc' | 'subject' | 'body' | 'text'): Row {
  return {
    name: type.toUpperCase(),
    parse({ cursor, text }) {
      cursor.space();
      return { type, text: text() };
    },
  };
}

/* @__NO_SIDE_EFFECTS__ */
function sizeKey(type: 'larger' | 'smaller'): Row {
  return {
    name: type.toUpperCase(),
    parse({ cursor }) {
      cursor.space();
      return { type, sizeBytes: cursor.number64() };
    },
  };
}

const day = 86_400_000;

/** What BEFORE, ON and SINCE say, for any of the dates of a message. */
export function dateKeys(prefix: string, type: DateKey['type']): readonly SearchKeyDefinition<DateKey>[] {
  const date = (cursor: CommandCursor): number => {
    cursor.space();
    return cursor.date();
  };
  return [
    { name: `${prefix}BEFORE`, parse: ({ cursor }) => ({ type, to: date(cursor) }) },
    { name: `${prefix}SINCE`, parse: ({ cursor }) => ({ type, from: date(cursor) }) },
    {
      name: `${prefix}ON`,
      parse({ cursor }) {
        const from = date(cursor);
        return { type, from, to: from + day };
      },
    },
  ];
}

function parseNot({ cursor, key }: SearchKeyContext): BasicSearchKey {
  cursor.space();
  return { type: 'not', key: key() };
}

function parseOr({ cursor, key }: SearchKeyContext): BasicSearchKey {
  cursor.space();
  const first = key();
  cursor.space();
  return { type: 'or', keys: [first, key()] };
}

function parseHeader({ cursor, text }: SearchKeyContext): BasicSearchKey {
  cursor.space();
  const field = cursor.astring();
  cursor.space();
  return { type: 'header', field, text: text() };
}

function parseUid({ cursor }: SearchKeyContext): BasicSearchKey {
  cursor.space();
  return { type: 'numbers', set: cursor.sequenceSet(), uid: true };
}

/** The keys of RFC 9051 §6.4.4, and NEW, OLD and RECENT of RFC 3501 §6.4.4. */
export const basicKeys: readonly SearchKeyDefinition[] = /* @__PURE__ */ (() => [
  { name: 'ALL', parse: () => ({ type: 'all' }) },
  flagKey('ANSWERED', '\\Answered', true),
  flagKey('DELETED', '\\Deleted', true),
  flagKey('DRAFT', '\\Draft', true),
  flagKey('FLAGGED', '\\Flagged', true),
  flagKey('SEEN', '\\Seen', true),
  flagKey('UNANSWERED', '\\Answered', false),
  flagKey('UNDELETED', '\\Deleted', false),
  flagKey('UNDRAFT', '\\Draft', false),
  flagKey('UNFLAGGED', '\\Flagged', false),
  flagKey('UNSEEN', '\\Seen', false),
  keywordKey('KEYWORD', true),
  keywordKey('UNKEYWORD', false),
  textKey('from'),
  textKey('to'),
  textKey('cc'),
  textKey('bcc'),
  textKey('subject'),
  textKey('body'),
  textKey('text'),
  { name: 'HEADER', parse: parseHeader },
  sizeKey('larger'),
  sizeKey('smaller'),
  ...dateKeys('', 'received'),
  ...dateKeys('SENT', 'sent'),
  { name: 'NOT', parse: parseNot },
  { name: 'OR', parse: parseOr },
  { name: 'UID', parse: parseUid },
  { name: 'RECENT', parse: () => ({ type: 'recent' }) },
  { name: 'OLD', parse: (): BasicSearchKey => ({ type: 'not', key: { type: 'recent' } }) },
  {
    name: 'NEW',
    parse: (): BasicSearchKey => ({
      type: 'and',
      keys: [{ type: 'recent' }, { type: 'flag', flag: '\\Seen', set: false } as BasicSearchKey],
    }),
  },
])();
