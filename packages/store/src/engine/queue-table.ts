import type { QueuedChange, QueuedMessage } from '../queue.ts';
import type { BlobContent, BlobSource, WireQueueBatch, WireQueued } from '../wire.ts';
import { hashBytes, type PreparedBlob, parseId } from './blob-table.ts';
import type { GlobalDatabase } from './global-database.ts';
import { hashFile } from './hash-file.ts';

type QueuedRow = [
  id: number,
  sender: string,
  recipients: string,
  blobId: number,
  sizeBytes: number,
  queuedAt: number,
  nextAttemptAt: number,
  attempts: number,
  lastProblem: string | null,
  parameters: string,
];

const selectQueued = `SELECT id, sender, recipients, blob_id, size_bytes, queued_at, next_attempt_at, attempts, last_problem, parameters FROM queued`;

/** What a column holds; undefined where it is damaged: one message that cannot be read must not hide the others. */
function readJson<T>(text: string): T | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toQueued(row: QueuedRow): QueuedMessage {
  const [id, sender, recipients, blobId, sizeBytes, queuedAt, nextAttemptAt, attempts, lastProblem, parameters] = row;
  return {
    ...{ id: `Q${id}`, sender, recipients: readJson(recipients) ?? [], blobId: `B${blobId}`, sizeBytes },
    ...{ queuedAt, nextAttemptAt, attempts, ...(lastProblem === null ? {} : { lastProblem }) },
    parameters: readJson(parameters) ?? {},
  };
}

/** Makes blobs ready for the queue, each source once. */
export async function prepareQueued(global: GlobalDatabase, sources: readonly BlobSource[]): Promise<PreparedBlob[]> {
  const prepared: PreparedBlob[] = [];
  for (const source of sources) {
    if ('bytes' in source) {
      prepared.push({ sizeBytes: source.bytes.length, sha256: hashBytes(source.bytes), content: { bytes: source.bytes } });
      continue;
    }
    const sha256 = await hashFile(source.path);
    prepared.push({ sizeBytes: source.sizeBytes, sha256, content: { file: global.blobs.takeFile(source.path) } });
  }
  return prepared;
}

/** Queues messages and gives their ids. Messages of one blob share it. */
export function enqueue(
  global: GlobalDatabase,
  args: {
    readonly messages: readonly WireQueued[];
    readonly blobs: readonly PreparedBlob[];
    readonly now: number;
  },
): readonly string[] {
  const blobIds = args.blobs.map((blob) => {
    const id = global.nextBlobId();
    global.blobs.insert(blob, id);
    return id;
  });
  return args.messages.map((message) => {
    const { sender, recipients, nextAttemptAt, parameters } = message;
    const sizeBytes = args.blobs[message.blob]?.sizeBytes ?? 0;
    const row = global.database
      .sql<[number]>('INSERT INTO queued VALUES (NULL, ?, ?, ?, ?, ?, ?, 0, NULL, ?) RETURNING id')
      .get(
        ...[sender, JSON.stringify(recipients), blobIds[message.blob] ?? 0, sizeBytes],
        ...[args.now, Math.trunc(nextAttemptAt), JSON.stringify(parameters)],
      );
    return `Q${row?.[0]}`;
  });
}

/** Messages to be tried at a time, those due first in front. */
export function dueMessages(global: GlobalDatabase, now: number, limit: number): readonly QueuedMessage[] {
  const rows = global.database
    .sql<QueuedRow>(`${selectQueued} WHERE next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT ?`)
    .all(now, limit);
  return rows.map(toQueued);
}

/** A queued message by its id. */
export function getQueued(global: GlobalDatabase, id: string): QueuedMessage | undefined {
  const row = global.database.sql<QueuedRow>(`${selectQueued} WHERE id = ?`).get(parseId('Q', id));
  return row && toQueued(row);
}

/** Queued messages in the order they came, behind the given one. */
export function listQueued(global: GlobalDatabase, limit: number, afterId: string | undefined): readonly QueuedMessage[] {
  const after = afterId === undefined ? 0 : parseId('Q', afterId);
  return global.database.sql<QueuedRow>(`${selectQueued} WHERE id > ? ORDER BY id LIMIT ?`).all(after, limit).map(toQueued);
}

/** Notes an attempt: who is left, and when to try again. False for an unknown message. */
export function rescheduleQueued(
  global: GlobalDatabase,
  id: string,
  attempt: { readonly recipients: readonly string[]; readonly nextAttemptAt: number; readonly problem: string },
): boolean {
  const { recipients, nextAttemptAt, problem } = attempt;
  return (
    global.database
      .sql('UPDATE queued SET recipients = ?, next_attempt_at = ?, last_problem = ?, attempts = attempts + 1 WHERE id = ?')
      .run(JSON.stringify(recipients), Math.trunc(nextAttemptAt), problem, parseId('Q', id)) > 0
  );
}

/** Takes a message out, and its blob with the last message of it. False for an unknown message. */
export function removeQueued(global: GlobalDatabase, id: string): boolean {
  const blobId = global.database.sql<[number]>('DELETE FROM queued WHERE id = ? RETURNING blob_id').get(parseId('Q', id))?.[0];
  if (blobId === undefined) return false;
  if (!global.database.sql('SELECT 1 FROM queued WHERE blob_id = ? LIMIT 1').get(blobId)) global.blobs.remove(blobId);
  global.untidy = true;
  return true;
}

function changeQueued(global: GlobalDatabase, change: QueuedChange): void {
  const { recipients, nextAttemptAt, attempts, lastProblem, parameters } = change;
  global.database
    .sql(
      `UPDATE queued SET recipients = coalesce(?, recipients), next_attempt_at = coalesce(?, next_attempt_at),
       attempts = coalesce(?, attempts), last_problem = coalesce(?, last_problem), parameters = coalesce(?, parameters) WHERE id = ?`,
    )
    .run(
      ...[recipients ? JSON.stringify(recipients) : null, nextAttemptAt === undefined ? null : Math.trunc(nextAttemptAt)],
      ...[attempts ?? null, lastProblem ?? null, parameters ? JSON.stringify(parameters) : null, parseId('Q', change.id)],
    );
}

/** Queues, changes and removes, and gives the ids of what was queued. */
export function applyToQueue(
  global: GlobalDatabase,
  args: { readonly batch: WireQueueBatch; readonly blobs: readonly PreparedBlob[]; readonly now: number },
): readonly string[] {
  const { batch, blobs, now } = args;
  const ids = enqueue(global, { messages: batch.enqueue, blobs, now });
  for (const change of batch.change) changeQueued(global, change);
  for (const id of batch.remove) removeQueued(global, id);
  return ids;
}

/** The blob of a queued message. */
export function readQueuedBlob(global: GlobalDatabase, id: string): BlobContent | undefined {
  return global.blobs.read(parseId('B', id));
}

/** When the first message is to be tried, of those after a time where one is given. */
export function nextDue(global: GlobalDatabase, after: number | undefined): number | undefined {
  const row = global.database
    .sql<[number | null]>('SELECT min(next_attempt_at) FROM queued WHERE next_attempt_at > ?')
    .get(after ?? Number.MIN_SAFE_INTEGER);
  return row?.[0] ?? undefined;
}
