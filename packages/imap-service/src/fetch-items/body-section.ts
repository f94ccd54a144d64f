import { type BodySectionItem, formatAstring, type PartialRange, type Section } from '@mox/imap';
import { toLatin1 } from '@mox/runtime';
import type { Email } from '@mox/store';
import { readRange, streamRange, wholeBytes } from '../blob-reader.ts';
import type { FetchedMessage, FetchWriter, PreparedItem } from '../fetch-writer.ts';
import { filterHeader } from '../header-fields.ts';
import type { ImapConnection } from '../imap-connection.ts';
import { type ByteRange, findSection } from '../part-path.ts';

/** Bytes of a header section that are looked through for fields. */
const headerBytes = 4_194_304;

/** What a header section takes, as a rule. */
const usualHeaderBytes = 4096;

/** A section as the client wrote it, with its brackets. */
function formatSection({ path, text, fields }: Section): string {
  const parts = [...path, ...(text === undefined ? [] : [text])].join('.');
  return fields ? `[${parts} (${fields.map((field) => formatAstring(field, true)).join(' ')})]` : `[${parts}]`;
}

function labelOf(item: BodySectionItem): string {
  if (item.legacyName) return item.legacyName;
  const offset = item.partial ? `<${item.partial.offset}>` : '';
  return `BODY${formatSection(item.section)}${offset}`;
}

/** What of a range a partial FETCH wants. */
export function clip({ start, end }: ByteRange, partial: PartialRange | undefined): ByteRange {
  if (!partial) return { start, end };
  const from = Math.min(end, start + partial.offset);
  return { start: from, end: Math.min(end, from + partial.count) };
}

/** A literal of text with one character for each byte. */
export function inlineLiteral(label: string, bytes: string): PreparedItem {
  return { text: `${label} {${bytes.length}}\r\n${bytes}` };
}

async function prepareFields(item: BodySectionItem, email: Email, range: ByteRange, { account }: ImapConnection): Promise<PreparedItem> {
  const label = labelOf(item);
  const bytes = await readRange(account, email.blobId, { start: range.start, end: Math.min(range.end, range.start + headerBytes) });
  if (!bytes) return { text: `${label} NIL`, gone: true };
  const { text, fields = [] } = item.section;
  const filtered = filterHeader(toLatin1(bytes), fields, { not: text === 'HEADER.FIELDS.NOT' });
  const { start, end } = clip({ start: 0, end: filtered.length }, item.partial);
  return inlineLiteral(label, filtered.slice(start, end));
}

async function prepare(item: BodySectionItem, { email }: FetchedMessage, connection: ImapConnection): Promise<PreparedItem> {
  const label = labelOf(item);
  const whole = email && findSection(email.part, email.sizeBytes, item.section);
  if (!email || !whole) return { text: `${label} NIL` };
  if (item.section.fields) return prepareFields(item, email, whole, connection);
  const range = clip(whole, item.partial);
  const sizeBytes = range.end - range.start;
  const { account } = connection;
  if (sizeBytes > wholeBytes)
    return { text: `${label} `, literal: { sizeBytes, literal8: false, read: () => streamRange(account, email.blobId, range) } };
  const bytes = sizeBytes === 0 ? new Uint8Array() : await readRange(account, email.blobId, range);
  if (!bytes) return { text: `${label} NIL`, gone: true };
  return { text: `${label} `, bytes };
}

/** BODY[…], BODY.PEEK[…], RFC822 and its kin. */
export const bodySection: FetchWriter<BodySectionItem> = {
  name: 'BODY[]',
  // The whole message is found without its structure.
  fieldsFor: ({ section }) => (section.path.length === 0 && section.text === undefined ? [] : ['structure']),
  setsSeen: ({ peek }) => !peek,
  weigh: ({ section: { text }, partial }) =>
    text === undefined || text === 'TEXT' ? (partial?.count ?? Number.MAX_SAFE_INTEGER) : usualHeaderBytes,
  prepare,
};
