import { parseBodyStructure } from './body-structure.ts';
import { parseDateTime } from './date-time.ts';
import type { FetchData, FetchedSection, FetchValue } from './response.ts';
import type { ResponseCursor } from './response-cursor.ts';
import { parseEnvelope } from './response-envelope.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Data = Writable<FetchData> & { sections?: FetchedSection[]; binarySizes?: Map<string, number>; others?: Map<string, FetchValue> };

function inParentheses<T>(cursor: ResponseCursor, read: () => T): T {
  cursor.expect('(');
  const value = read();
  cursor.expect(')');
  return value;
}

/** A date in milliseconds, null for NIL; undefined for what is no date, which must not cost the rest of the response. */
function parseDate(cursor: ResponseCursor): number | null | undefined {
  const text = cursor.ntext();
  return text === null ? null : parseDateTime(text);
}

function readReceivedAt(cursor: ResponseCursor, data: Data): void {
  const date = parseDate(cursor);
  if (typeof date === 'number') data.receivedAt = date;
}

function readSavedAt(cursor: ResponseCursor, data: Data): void {
  const date = parseDate(cursor);
  if (date !== undefined) data.savedAt = date;
}

function readEnvelope(cursor: ResponseCursor, data: Data): void {
  if (!cursor.takeNil()) data.envelope = parseEnvelope(cursor);
}

function readStructure(cursor: ResponseCursor, data: Data): void {
  if (!cursor.takeNil()) data.structure = parseBodyStructure(cursor);
}

function addSection(cursor: ResponseCursor, data: Data, item: string, offset?: number): void {
  cursor.space();
  const bytes = cursor.nbytes();
  const section = offset === undefined ? { item, bytes } : { item, offset, bytes };
  if (data.sections) data.sections.push(section);
  else data.sections = [section];
}

const readers: ReadonlyMap<string, (cursor: ResponseCursor, data: Data) => void> = new Map<
  string,
  (cursor: ResponseCursor, data: Data) => void
>([
  ['UID', (cursor, data) => (data.uid = cursor.number())],
  ['FLAGS', (cursor, data) => (data.flags = cursor.responseFlags())],
  ['RFC822.SIZE', (cursor, data) => (data.sizeBytes = cursor.size())],
  ['MODSEQ', (cursor, data) => (data.modseq = inParentheses(cursor, () => cursor.number64()))],
  ['INTERNALDATE', readReceivedAt],
  ['SAVEDATE', readSavedAt],
  ['ENVELOPE', readEnvelope],
  ['BODY', readStructure],
  ['BODYSTRUCTURE', readStructure],
  ['EMAILID', (cursor, data) => (data.emailId = inParentheses(cursor, () => cursor.astring()))],
  ['THREADID', (cursor, data) => (data.threadId = cursor.takeNil() ? null : inParentheses(cursor, () => cursor.astring()))],
  ['PREVIEW', (cursor, data) => (data.preview = cursor.ntext())],
]);

/** Where the bracket of a section closes; strings inside are passed over. */
function sectionEnd(cursor: ResponseCursor): string {
  const start = cursor.at;
  while (cursor.peek() !== 93) {
    if (cursor.done) cursor.fail('a section has no end');
    if (cursor.peek() === 34) cursor.string();
    else cursor.at++;
  }
  cursor.at++;
  return cursor.text.slice(start, cursor.at);
}

function parseItem(cursor: ResponseCursor, data: Data): void {
  const name = cursor.itemName();
  if (cursor.peek() !== 91) {
    if (name.startsWith('RFC822') && name !== 'RFC822.SIZE') return addSection(cursor, data, name);
    cursor.space();
    const read = readers.get(name);
    if (read) read(cursor, data);
    else (data.others ??= new Map()).set(name, cursor.value());
    return;
  }
  const section = sectionEnd(cursor);
  if (name === 'BINARY.SIZE') {
    cursor.space();
    data.binarySizes ??= new Map();
    data.binarySizes.set(section.slice(1, -1), cursor.size());
    return;
  }
  const offset = cursor.take('<') ? cursor.number64() : undefined;
  if (offset !== undefined) cursor.expect('>');
  addSection(cursor, data, name + section, offset);
}

/** The data of a FETCH response, with its parentheses. */
export function parseFetchData(cursor: ResponseCursor): FetchData {
  const data: Data = {};
  cursor.expect('(');
  cursor.spaces();
  while (!cursor.take(')')) {
    parseItem(cursor, data);
    cursor.spaces();
  }
  return data;
}
