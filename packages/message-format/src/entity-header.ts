import type { DefectList } from './defect.ts';
import { type Envelope, type EnvelopeAddress, readEnvelopeAddresses } from './envelope.ts';
import { type HeaderField, makeField, sectionText, unfoldField, visitFields } from './header-field.ts';
import type { StructureLimits } from './limits.ts';

const singleFields = [
  'content-type',
  'content-transfer-encoding',
  'content-id',
  'content-description',
  'content-md5',
  'content-disposition',
  'content-language',
  'content-location',
  'date',
  'subject',
  'from',
  'sender',
  'reply-to',
  'in-reply-to',
  'message-id',
] as const;
const repeatedFields = ['to', 'cc', 'bcc'] as const;

/** The fields that a structure is made of. */
export type EntityField = (typeof singleFields)[number] | (typeof repeatedFields)[number];

const known: ReadonlyMap<string, EntityField> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ [...singleFields, ...repeatedFields].map((name) => [name, name]),
);
const repeated: ReadonlySet<string> = /* @__PURE__ */ new Set(repeatedFields);
// The lengths of the names: most other fields are told apart by theirs alone.
const knownLengths: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 64 }, (_, length) =>
  Number([...known.keys()].some((name) => name.length === length)),
);

/** The values of the fields of one header section that matter for its structure, unfolded. */
export type EntityHeader = ReadonlyMap<EntityField, string>;

/** A header section and where it stands. */
export interface HeaderSection {
  /** The bytes, at most as many as the limit lets be looked at. */
  readonly bytes: Uint8Array;
  /** Offset of the first byte in the message. */
  readonly start: number;
  /** Whether the limit cut the section short, so that its last field may not be whole. */
  readonly cut: boolean;
  /** Whether an empty line ends it, as it should. */
  readonly ended: boolean;
}

/** What reading a header section needs beside it. */
export interface HeaderContext {
  readonly limits: Required<StructureLimits>;
  readonly defects: DefectList;
  /** Whether it is the header section of a message, not that of a member of a multipart. */
  readonly isMessage: boolean;
  /** Where its fields are put, where anybody wants to have all of them. */
  readonly fields?: HeaderField[];
}

/** What a header section says. */
export interface EntityReading {
  readonly header: EntityHeader;
  /** Where the body starts within the section after all, where the section is none or has no empty line at its end. */
  readonly bodyIndex?: number;
}

const mboxLine = /^>?From /;

/** Whether a field tells a header section from text that happens to look like fields. */
function isTelling(field: EntityField, isMessage: boolean): boolean {
  return isMessage || field.startsWith('content-');
}

/**
 * Reads the fields that matter for the structure out of a header section. A section whose first line is no field is no header
 * section but a body without one, unless fields follow that nobody writes into a text; where the empty line is missing, the body
 * starts with the first line that is no field.
 */
export function readEntityHeader(section: HeaderSection, context: HeaderContext): EntityReading {
  const { limits, defects, fields } = context;
  const source = sectionText(section.bytes);
  const { text, decode } = source;
  const values = new Map<EntityField, string>();
  let count = 0;
  let bodyIndex: number | undefined;
  // The first line is no field, and nothing has told yet that this is a header section all the same.
  let doubtful = false;
  visitFields(text, {
    field(nameEnd, start, valueStart, end) {
      if (section.cut && end === text.length) return false;
      if (++count > limits.headerFields) {
        defects.add('header-fields-limit', section.start + start);
        return false;
      }
      const whole = fields && makeField(source, { nameEnd, start, valueStart, end });
      if (whole) fields.push(whole);
      if (knownLengths[nameEnd - start] !== 1) return true;
      const field = known.get(whole?.nameLower ?? text.slice(start, nameEnd).toLowerCase());
      if (!field) return true;
      if (doubtful && isTelling(field, context.isMessage)) doubtful = false;
      const before = values.get(field);
      if (before !== undefined) defects.add('duplicate-field', section.start + start);
      // RFC 5322 §4.5.3: several destination fields of a name are one list. Of other fields the first counts.
      if (before !== undefined && !repeated.has(field)) return true;
      const value = whole?.value ?? unfoldField(decode(valueStart, end));
      values.set(field, before === undefined ? value : `${before},${value}`);
      return true;
    },
    junk(start, end) {
      if (section.cut && end === text.length) return false;
      if (!doubtful) defects.add('no-header-field', section.start + start);
      // A byte order mark ends before its line does: the first field follows.
      if (section.cut || (end < text.length && text.charCodeAt(end - 1) !== 10)) return true;
      const first = text.charCodeAt(start);
      const starts = start === 0 && first !== 32 && first !== 9 && !mboxLine.test(text);
      if (starts && section.ended) doubtful = true;
      if (section.ended) return true;
      bodyIndex = start;
      return false;
    },
  });
  if (doubtful) {
    if (fields) fields.length = 0;
    return { header: new Map(), bodyIndex: 0 };
  }
  return { header: values, ...(bodyIndex === undefined ? undefined : { bodyIndex }) };
}

/** Makes the ENVELOPE out of a message's fields (RFC 9051 §7.5.2). */
export function makeEnvelope(
  header: EntityHeader,
  section: HeaderSection,
  limits: Required<StructureLimits>,
  defects: DefectList,
): Envelope {
  const addresses = (field: EntityField): readonly EnvelopeAddress[] | null => {
    const value = header.get(field);
    if (value === undefined) return null;
    const { addresses: list, complete } = readEnvelopeAddresses(value, limits.addresses);
    if (!complete) defects.add('addresses-limit', section.start);
    return list;
  };
  return {
    date: header.get('date') ?? null,
    subject: header.get('subject') ?? null,
    from: addresses('from'),
    sender: addresses('sender'),
    replyTo: addresses('reply-to'),
    to: addresses('to'),
    cc: addresses('cc'),
    bcc: addresses('bcc'),
    inReplyTo: header.get('in-reply-to') ?? null,
    messageId: header.get('message-id') ?? null,
  };
}
