import { emptyBytes, indexOfByte } from '@mox/runtime';
import type { EmailField } from '../account.ts';
import type { Decision } from '../decision.ts';
import type { Email } from '../message.ts';
import { StoreError } from '../store.ts';
import type { EmailBatches, EmailColumns, EmailRows } from '../wire.ts';
import { StoredEmail } from './stored-email.ts';

const lineFeed = 0x0a;
/** Uids asked for at first, so that the first answer comes soon, and then: the worker stops where an answer is large. */
const firstUids = 400;
const moreUids = 4096;

/** Columns that come as JSON arrays, and how one goes into an email. */
const setters: Readonly<
  Record<Exclude<keyof EmailColumns, 'envelope' | 'structure' | 'keptFields'>, (email: StoredEmail, value: unknown) => void>
> = {
  receivedAt: (email, value) => {
    email.receivedAt = value as number;
  },
  savedAt: (email, value) => {
    email.savedAt = value as number;
  },
  thread: (email, value) => {
    email.threadId = `T${String(value)}`;
  },
  preview: (email, value) => {
    email.preview = value as string;
  },
  decision: (email, value) => {
    if (value !== null) email.decision = value as Decision;
  },
};

const setterNames = Object.keys(setters) as (keyof typeof setters)[];

function toColumns(fields: readonly EmailField[]): EmailColumns {
  return {
    envelope: fields.includes('envelope'),
    structure: fields.includes('structure'),
    keptFields: fields.includes('kept-fields'),
    receivedAt: fields.includes('received-at'),
    savedAt: fields.includes('saved-at'),
    thread: fields.includes('thread'),
    preview: fields.includes('preview'),
    decision: fields.includes('decision'),
  };
}

/** Where the lines of a column begin, and where the last one would go on. */
function lineStarts(bytes: Uint8Array, count: number): Uint32Array {
  const starts = new Uint32Array(count + 1);
  for (let i = 1, at = 0; i < count; i++) {
    at = indexOfByte(bytes, lineFeed, at) + 1;
    if (at === 0) throw new StoreError('damaged', 'what is kept of a message cannot be read');
    starts[i] = at;
  }
  starts[count] = bytes.length + 1;
  return starts;
}

function setPacked(emails: readonly StoredEmail[], bytes: Uint8Array, name: 'packedEnvelope' | 'packedPart'): void {
  const starts = lineStarts(bytes, emails.length);
  for (let i = 0; i < emails.length; i++) {
    const email = emails[i];
    if (email) email[name] = { bytes, start: starts[i] ?? 0, end: (starts[i + 1] ?? 0) - 1 };
  }
}

function setKeptFields(emails: readonly StoredEmail[], bytes: Uint8Array, lengths: readonly unknown[]): void {
  let start = 0;
  for (let i = 0; i < emails.length; i++) {
    const length = lengths[i] as number;
    const email = emails[i];
    if (!email || length < 0) continue;
    email.keptFields = { bytes, start, end: start + length };
    start += length;
  }
  if (start !== bytes.length) throw new StoreError('damaged', 'what is kept of a message cannot be read');
}

function toEmails({ values, packed }: EmailRows, columns: EmailColumns): readonly Email[] {
  const [uids = [], numbers = [], sizes = [], ...others] = values.map((text) => JSON.parse(text) as unknown[]);
  const emails = uids.map((uid, i) => new StoredEmail(uid as number, numbers[i] as number, sizes[i] as number));
  const lengths = columns.keptFields ? others.shift() : undefined;
  const chosen = setterNames.filter((name) => columns[name]);
  for (const [k, name] of chosen.entries()) {
    const set = setters[name];
    for (let i = 0; i < emails.length; i++) set(emails[i] as StoredEmail, others[k]?.[i]);
  }
  const texts = packed.values();
  const next = (): Uint8Array => texts.next().value ?? emptyBytes;
  if (columns.envelope) setPacked(emails, next(), 'packedEnvelope');
  if (columns.structure) setPacked(emails, next(), 'packedPart');
  if (lengths) setKeptFields(emails, next(), lengths);
  return emails;
}

/** Reads emails batch by batch, one answer ahead of who takes them. */
export async function* readEmails(options: {
  readonly uids: Uint32Array;
  readonly fields: readonly EmailField[];
  read(uids: Uint32Array, columns: EmailColumns): Promise<EmailBatches>;
}): AsyncGenerator<readonly Email[]> {
  const columns = toColumns(options.fields);
  const uids = options.uids.toSorted();
  let at = 0;
  const readOn = (count: number): Promise<EmailBatches> | undefined => {
    if (at >= uids.length) return undefined;
    const reading = options.read(uids.slice(at, at + count), columns);
    // Who stops taking leaves the answer ahead behind; its fault is nobody's then.
    reading.catch(() => {});
    return reading;
  };
  let next = readOn(firstUids);
  while (next) {
    const { batches, read } = await next;
    at += read;
    next = readOn(moreUids);
    for (const batch of batches) {
      const emails = toEmails(batch, columns);
      if (emails.length > 0) yield emails;
    }
  }
}
