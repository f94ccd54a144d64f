import { closeSync, openSync, readSync } from 'node:fs';
import type { Envelope, Part } from '@mox/message-format';
import { type PackedEnvelope, type PackedPart, unpackEnvelope, unpackPart } from '../../packed-structure.ts';
import type { AccountDatabase } from '../account-database.ts';

/** Columns of a message that are no part of the index. */
export type SearchedRow = [
  emailId: number,
  savedAt: number,
  receivedAt: number,
  threadId: number,
  envelope: string,
  part: string,
  uid: number,
];

const selectRows = `SELECT m.email_id, m.saved_at, e.received_at, e.thread_id, e.envelope, e.part, m.uid
  FROM json_each(?) u CROSS JOIN message m ON m.mailbox_id = ? AND m.uid = u.value CROSS JOIN email e ON e.id = m.email_id`;

/**
 * What every match holds, as it stands, in a column: words of plain ASCII, in any case. It says nothing of a message that has text
 * there which is to be decoded before it is compared.
 */
export type Likely =
  | { readonly column: 'envelope'; readonly words: readonly [word: string] }
  | { readonly column: 'kept-fields'; readonly words: readonly [name: string, word: string] };

const selectLikely: Readonly<Record<Likely['column'], string>> = {
  // Text beyond ASCII has more bytes than characters; encoded words have `=?`.
  envelope: `${selectRows} WHERE e.envelope LIKE ? ESCAPE '\\' OR e.envelope LIKE '%=?%' OR length(CAST(e.envelope AS BLOB)) <> length(e.envelope)`,
  'kept-fields': `${selectRows} LEFT JOIN kept_fields k ON k.email_id = m.email_id
    WHERE k.plain IS NOT 1 OR (CAST(k.fields AS TEXT) LIKE ? ESCAPE '\\' AND CAST(k.fields AS TEXT) LIKE ? ESCAPE '\\')`,
};

function toPattern(word: string): string {
  return `%${word.replace(/[\\%_]/g, '\\$&')}%`;
}

/**
 * Reads the columns of some messages, in the order of their uids; where it is told what is `likely`, only of those that may match: SQLite
 * looks through thousands of messages in the time that reading a few takes.
 */
export function readSearchedRows(
  account: AccountDatabase,
  mailboxId: number,
  wanted: { readonly uids: readonly number[]; readonly likely: Likely | undefined },
): SearchedRow[] {
  const uids = `[${wanted.uids.join(',')}]`;
  if (!wanted.likely) return account.database.sql<SearchedRow>(selectRows).all(uids, mailboxId);
  const { column, words } = wanted.likely;
  return account.database.sql<SearchedRow>(selectLikely[column]).all(uids, mailboxId, ...words.map(toPattern));
}

const pieceBytes = 64 * 1024;
const firstText = /^\["(?:[^"\\]|\\.)*"/;

/** A message that is being looked at: reads what is asked for, once. */
export class SearchedMessage {
  readonly row: SearchedRow;
  readonly #account: AccountDatabase;
  #envelope: Envelope | undefined;
  #part: Part | undefined;
  #bytes: Uint8Array | undefined;

  constructor(account: AccountDatabase, row: SearchedRow) {
    this.#account = account;
    this.row = row;
  }

  get envelope(): Envelope {
    this.#envelope ??= unpackEnvelope(JSON.parse(this.row[4]) as PackedEnvelope);
    return this.#envelope;
  }

  /** The Date field: the first value of the envelope, read without the others. */
  get date(): string | null {
    const first = firstText.exec(this.row[4])?.[0];
    return first === undefined ? null : (JSON.parse(first.slice(1)) as string);
  }

  get part(): Part {
    this.#part ??= unpackPart(JSON.parse(this.row[5]) as PackedPart);
    return this.#part;
  }

  /** What is kept of the header section beside the message; undefined where nothing is. */
  get keptFields(): Uint8Array | undefined {
    return this.#account.database.sql<[Uint8Array]>('SELECT fields FROM kept_fields WHERE email_id = ?').get(this.row[0])?.[0];
  }

  /** Bytes of the message from `start` to `end`, in pieces. Nothing where the blob is gone meanwhile. */
  *bytes(start: number, end: number): Generator<Uint8Array> {
    if (this.#bytes) {
      yield this.#bytes.subarray(start, end);
      return;
    }
    const content = this.#account.blobs.read(this.row[0]);
    if (!content) return;
    if ('bytes' in content) {
      this.#bytes = content.bytes;
      yield content.bytes.subarray(start, end);
      return;
    }
    yield* filePieces(content.path, start, end);
  }
}

function* filePieces(path: string, start: number, end: number): Generator<Uint8Array> {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    for (let at = start; at < end; ) {
      const piece = new Uint8Array(Math.min(pieceBytes, end - at));
      const read = readSync(handle, piece, 0, piece.length, at);
      if (read === 0) return;
      at += read;
      yield piece.subarray(0, read);
    }
  } finally {
    closeSync(handle);
  }
}
