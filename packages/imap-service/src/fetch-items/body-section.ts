import { type BodySectionItem, formatAstring, type Section } from '@mox/imap';
import { fromLatin1 } from '@mox/runtime';
import { type Email, isKeptField } from '@mox/store';
import { readRange, streamRange, wholeBytes } from '../blob-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { FetchedMessage, FetchWriter, PreparedItem } from '../fetch-writer.ts';
import { bytesAt, clipPlaces, FieldFilter, sizeOfPlaces } from '../header-fields.ts';
import type { ImapConnection } from '../imap-connection.ts';
import { type ByteRange, clip, findSection } from '../part-path.ts';

/** Bytes of a header section that are looked through for fields. */
const headerBytes = 4_194_304;

/** What a header section takes, as a rule. */
const usualHeaderBytes = 4096;

/** A section as the client wrote it, with its brackets. */
function formatSection({ path, text, fields }: Section): string {
  const parts = [...path, ...(text === undefined ? [] : [text])].join('.');
  return fields ? `[${parts} (${fields.map((field) => formatAstring(field, true)).join(' ')})]` : `[${parts}]`;
}

function formatLabel(item: BodySectionItem): string {
  if (item.legacyName) return item.legacyName;
  const offset = item.partial ? `<${item.partial.offset}>` : '';
  return `BODY${formatSection(item.section)}${offset}`;
}

/** What is the same for all messages of a FETCH. */
interface PreparedSection {
  readonly label: string;
  /** The label and the start of a literal. */
  readonly literalStart: Uint8Array;
  /** For HEADER.FIELDS and HEADER.FIELDS.NOT. */
  readonly filter: FieldFilter | undefined;
  /** Whether the fields asked for are among those that the store keeps beside messages. */
  readonly kept: boolean;
}

const prepared = new WeakMap<BodySectionItem, PreparedSection>();

function prepareSection(item: BodySectionItem): PreparedSection {
  const known = prepared.get(item);
  if (known) return known;
  const { path, text, fields } = item.section;
  const label = formatLabel(item);
  const section: PreparedSection = {
    label,
    literalStart: fromLatin1(`${label} {`),
    filter: fields && new FieldFilter(fields, { not: text === 'HEADER.FIELDS.NOT' }),
    kept: path.length === 0 && text === 'HEADER.FIELDS' && fields?.every(isKeptField) === true,
  };
  prepared.set(item, section);
  return section;
}

/** Fields that are kept beside the message. */
function write(item: BodySectionItem, { email }: FetchedMessage, _: ImapConnection, out: ByteWriter): void {
  const { filter, literalStart } = prepareSection(item);
  const kept = email?.keptFields;
  if (!kept || !filter) throw new TypeError('a section is written that was not read');
  const places = clipPlaces(filter.select(kept), item.partial);
  out.bytes(literalStart);
  out.number(sizeOfPlaces(places));
  out.word('}\r\n');
  for (let i = 0; i < places.length; i += 2) out.bytes(kept.bytes, places[i], places[i + 1]);
}

async function readFields(
  item: BodySectionItem,
  filter: FieldFilter,
  email: Email,
  { range, account }: { readonly range: ByteRange; readonly account: ImapConnection['account'] },
): Promise<PreparedItem> {
  const { label } = prepareSection(item);
  const { start, end } = range;
  const bytes = await readRange(account, email.blobId, { start, end: Math.min(end, start + headerBytes) });
  if (!bytes) return { text: `${label} NIL`, gone: true };
  const places = clipPlaces(filter.select({ bytes, start: 0, end: bytes.length }), item.partial);
  return { text: `${label} `, bytes: bytesAt(bytes, places) };
}

async function prepare(item: BodySectionItem, { email }: FetchedMessage, { account }: ImapConnection): Promise<PreparedItem> {
  const { label, filter } = prepareSection(item);
  const whole = email && findSection(email.part, email.sizeBytes, item.section);
  if (!email || !whole) return { text: `${label} NIL` };
  if (filter) return readFields(item, filter, email, { range: whole, account });
  const range = clip(whole, item.partial);
  const sizeBytes = range.end - range.start;
  if (sizeBytes > wholeBytes)
    return { text: `${label} `, literal: { sizeBytes, literal8: false, read: () => streamRange(account, email.blobId, range) } };
  const bytes = sizeBytes === 0 ? new Uint8Array() : await readRange(account, email.blobId, range);
  if (!bytes) return { text: `${label} NIL`, gone: true };
  return { text: `${label} `, bytes };
}

/** BODY[…], BODY.PEEK[…], RFC822 and its kin. */
export const bodySection: FetchWriter<BodySectionItem> = {
  name: 'BODY[]',
  fieldsFor(item) {
    // The whole message is found without its structure.
    if (item.section.path.length === 0 && item.section.text === undefined) return [];
    return prepareSection(item).kept ? ['kept-fields'] : ['structure'];
  },
  prepareFieldsFor: (item) => (prepareSection(item).kept ? ['structure'] : []),
  isKnown: (item, { email }) => email?.keptFields !== undefined && prepareSection(item).kept,
  setsSeen: ({ peek }) => !peek,
  weigh: ({ section: { text }, partial }) =>
    text === undefined || text === 'TEXT' ? (partial?.count ?? Number.MAX_SAFE_INTEGER) : usualHeaderBytes,
  write,
  prepare,
};
