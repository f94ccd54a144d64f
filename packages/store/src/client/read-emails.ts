import type { EmailField } from '../account.ts';
import type { Email } from '../message.ts';
import { type PackedEnvelope, type PackedPart, unpackEnvelope, unpackPart } from '../packed-structure.ts';
import type { EmailColumns, EmailTexts } from '../wire.ts';

/** Uids asked for at first, so that the first answer comes soon, and then: the worker stops where an answer is large. */
const firstUids = 400;
const moreUids = 4096;

type Row = readonly [uid: number, email: number, sizeBytes: number, ...columns: unknown[]];

/** Puts one column into an email. */
type Setter = (email: Record<string, unknown>, value: unknown) => void;

const setters: Readonly<Record<keyof EmailColumns, Setter>> = {
  envelope: (email, value) => {
    email['envelope'] = unpackEnvelope(value as PackedEnvelope);
  },
  structure: (email, value) => {
    email['part'] = unpackPart(value as PackedPart);
  },
  receivedAt: (email, value) => {
    email['receivedAt'] = value;
  },
  savedAt: (email, value) => {
    email['savedAt'] = value;
  },
  thread: (email, value) => {
    email['threadId'] = `T${String(value)}`;
  },
  preview: (email, value) => {
    email['preview'] = value;
  },
  decision: (email, value) => {
    if (value !== null) email['decision'] = value;
  },
};

function toColumns(fields: readonly EmailField[]): EmailColumns {
  return {
    envelope: fields.includes('envelope'),
    structure: fields.includes('structure'),
    receivedAt: fields.includes('received-at'),
    savedAt: fields.includes('saved-at'),
    thread: fields.includes('thread'),
    preview: fields.includes('preview'),
    decision: fields.includes('decision'),
  };
}

function toEmails(text: string, chosen: readonly Setter[]): readonly Email[] {
  const rows = JSON.parse(text) as Row[];
  return rows.map((row) => {
    const email: Record<string, unknown> = { uid: row[0], emailId: `E${row[1]}`, blobId: `B${row[1]}`, sizeBytes: row[2] };
    for (let i = 0; i < chosen.length; i++) chosen[i]?.(email, row[i + 3]);
    return email as unknown as Email;
  });
}

/** Reads emails batch by batch, one answer ahead of who takes them. */
export async function* readEmails(options: {
  readonly uids: Uint32Array;
  readonly fields: readonly EmailField[];
  read(uids: Uint32Array, columns: EmailColumns): Promise<EmailTexts>;
}): AsyncGenerator<readonly Email[]> {
  const columns = toColumns(options.fields);
  const chosen = (Object.keys(setters) as (keyof EmailColumns)[]).filter((name) => columns[name]).map((name) => setters[name]);
  const uids = options.uids.toSorted();
  let at = 0;
  const readOn = (count: number): Promise<EmailTexts> | undefined => {
    if (at >= uids.length) return undefined;
    const reading = options.read(uids.slice(at, at + count), columns);
    // Who stops taking leaves the answer ahead behind; its fault is nobody's then.
    reading.catch(() => {});
    return reading;
  };
  let next = readOn(firstUids);
  while (next) {
    const { texts, read } = await next;
    at += read;
    next = readOn(moreUids);
    for (const text of texts) {
      const emails = toEmails(text, chosen);
      if (emails.length > 0) yield emails;
    }
  }
}
