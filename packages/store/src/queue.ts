import type { BlobId, StagedBlob } from './blob.ts';

/** A message waiting for some recipients of one domain or host. */
export interface QueuedMessage {
  readonly id: string;
  /** Envelope sender; empty for the null reverse-path. */
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly blobId: BlobId;
  readonly sizeBytes: number;
  readonly queuedAt: number;
  readonly nextAttemptAt: number;
  readonly attempts: number;
  readonly lastProblem?: string;
  /** What the sender asked for: DSN, SMTPUTF8, REQUIRETLS, account... Plain data of whoever queues. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A message to be queued. */
export interface NewQueued {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly blob: StagedBlob;
  readonly nextAttemptAt: number;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A change to one queued message. What is not named stays as it is. */
export interface QueuedChange {
  readonly id: string;
  readonly recipients?: readonly string[];
  readonly nextAttemptAt?: number;
  readonly attempts?: number;
  readonly lastProblem?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What happens to the queue at once: all of it, or nothing. */
export interface QueueBatch {
  readonly enqueue?: readonly NewQueued[];
  /** Changes to messages that are there; others are passed over. */
  readonly change?: readonly QueuedChange[];
  readonly remove?: readonly string[];
}

/** Messages on their way out. */
export interface Queue {
  /** Durable when it resolves. */
  enqueue(messages: readonly NewQueued[]): Promise<readonly string[]>;
  /** Queues, changes and removes in one transaction, durable when it resolves; gives the ids of what was queued. */
  apply(batch: QueueBatch): Promise<readonly string[]>;
  /** Those due at a time, oldest first, at most `limit`. */
  due(now: number, limit: number): Promise<readonly QueuedMessage[]>;
  get(id: string): Promise<QueuedMessage | undefined>;
  list(options?: { readonly limit?: number; readonly afterId?: string }): Promise<readonly QueuedMessage[]>;
  /** After an attempt: recipients still waiting and when to try again. */
  reschedule(
    id: string,
    attempt: { readonly recipients: readonly string[]; readonly nextAttemptAt: number; readonly problem: string },
  ): Promise<boolean>;
  /** Delivered, bounced or withdrawn. */
  remove(id: string): Promise<boolean>;
  readBlob(id: BlobId): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** When the earliest message is due, of those due after a time where one is given; undefined where there is none. */
  nextDue(options?: { readonly after?: number }): Promise<number | undefined>;
}
