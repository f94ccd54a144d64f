import type { CommandCursor } from '../command-cursor.ts';
import type { FetchItem, FetchItemDefinition } from '../fetch-item.ts';
import { binary, binaryPeek, binarySize } from './binary.ts';
import { modseq } from './modseq.ts';
import { emailId, threadId } from './object-id.ts';
import { preview } from './preview.ts';
import { saveDate } from './save-date.ts';
import { body, bodyPeek, rfc822, rfc822Header, rfc822Text } from './section.ts';

/** Every FETCH data item: an extension's item is a row here. */
export const fetchItems: readonly FetchItemDefinition[] = [
  { name: 'FLAGS' },
  { name: 'UID' },
  { name: 'INTERNALDATE' },
  { name: 'RFC822.SIZE' },
  { name: 'ENVELOPE' },
  { name: 'BODYSTRUCTURE' },
  body,
  bodyPeek,
  rfc822,
  rfc822Header,
  rfc822Text,
  binary,
  binaryPeek,
  binarySize,
  modseq,
  emailId,
  threadId,
  saveDate,
  preview,
];

const byName = /* @__PURE__ */ new Map(/* @__PURE__ */ fetchItems.map((definition) => [definition.name, definition]));
const simple = /* @__PURE__ */ new Map(
  /* @__PURE__ */ fetchItems.filter((definition) => !definition.parse).map(({ name }) => [name, { name }]),
);

/** Macros, which stand alone (RFC 9051 §6.4.5). */
const macros: ReadonlyMap<string, readonly FetchItem[]> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ [
    ['FAST', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
    ['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
    ['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
  ].map(([name, items]) => [name as string, (items as string[]).map((item) => ({ name: item }))]),
);

function parseItem(cursor: CommandCursor): FetchItem {
  const start = cursor.at;
  const name = cursor.itemName();
  const item = simple.get(name) ?? byName.get(name)?.parse?.(cursor);
  if (item) return item;
  cursor.at = start;
  return cursor.fail('there is no such FETCH item');
}

/** One item, a macro, or a list of items in parentheses. */
export function parseFetchItems(cursor: CommandCursor): readonly FetchItem[] {
  if (cursor.peek() === 40) return cursor.list(() => parseItem(cursor));
  const start = cursor.at;
  const macro = macros.get(cursor.itemName());
  if (macro) return macro;
  cursor.at = start;
  return [parseItem(cursor)];
}
