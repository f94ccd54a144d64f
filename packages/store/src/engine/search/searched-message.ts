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
// Text beyond ASCII has more bytes than characters; encoded words have `=?`. Both are to be decoded before they are compared.
const selectLikely = `${selectRows} WHERE e.envelope LIKE ? ESCAPE '\\' OR e.envelope LIKE '%=?%' OR length(CAST(e.envelope AS BLOB)) <> length(e.envelope)`;

/**
 * Reads the columns of some messages, in the order of their uids. With a `word` of plain ASCII only those are given whose envelope
 * may contain it: SQLite looks through thousands of envelopes in the time that reading a few takes.
 */
export function readSearchedRows(
  account: AccountDatabase,
  mailboxId: number,
  wanted: { readonly uids: readonly number[]; readonly word: string | undefined },
): SearchedRow[] {
  const uids = `[${wanted.uids.join(',')}]`;
  if (wanted.word === undefined) return account.database.sql<SearchedRow>(selectRows).all(uids, mailboxId);
  const pattern = `%${wanted.word.replace(/[\\%_]/g, '\\$&')}%`;
  return account.database.sql<SearchedRow>(selectLikely).all(uids, mailboxId, pattern);
}

const pieceBytes = 64 * 1024;

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

  get part(): Part {
    this.#part ??= unpackPart(JSON.parse(this.row[5]) as PackedPart);
    return this.#part;
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
