import type { EmailField } from '../account.ts';
import type { Email } from '../message.ts';
import { type PackedEnvelope, type PackedPart, unpackEnvelope, unpackPart } from '../packed-structure.ts';
import type { EmailColumns } from '../wire.ts';

const batchSize = 400;

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

/** Reads emails batch by batch, one batch ahead of who takes them. */
export async function* readEmails(options: {
  readonly uids: Uint32Array;
  readonly fields: readonly EmailField[];
  read(uids: Uint32Array, columns: EmailColumns): Promise<string>;
}): AsyncGenerator<readonly Email[]> {
  const columns = toColumns(options.fields);
  const chosen = (Object.keys(setters) as (keyof EmailColumns)[]).filter((name) => columns[name]).map((name) => setters[name]);
  const uids = options.uids.toSorted();
  const readAt = (at: number): Promise<string> | undefined => {
    if (at >= uids.length) return undefined;
    const reading = options.read(uids.slice(at, at + batchSize), columns);
    // Who stops taking leaves the batch ahead behind; its fault is nobody's then.
    reading.catch(() => {});
    return reading;
  };
  let next = readAt(0);
  for (let at = batchSize; next; at += batchSize) {
    const text = await next;
    next = readAt(at);
    const emails = toEmails(text, chosen);
    if (emails.length > 0) yield emails;
  }
}
