import type { BlobId } from '../blob.ts';
import type { Decision, Decisions } from '../decision.ts';
import type { NewQueued, Queue, QueueBatch, QueuedMessage } from '../queue.ts';
import type { BlobSource } from '../wire.ts';
import { sourceOf } from './blob-writer.ts';
import { readContent } from './read-blob.ts';
import type { WorkerClient } from './worker-client.ts';

const listedAtOnce = 1000;

/** The queue, in the database that all accounts share. */
export class EmbeddedQueue implements Queue {
  readonly #worker: WorkerClient;
  readonly #now: () => number;

  constructor(worker: WorkerClient, now: () => number) {
    this.#worker = worker;
    this.#now = now;
  }

  enqueue(messages: readonly NewQueued[]): Promise<readonly string[]> {
    return this.apply({ enqueue: messages });
  }

  apply({ enqueue = [], change = [], remove = [] }: QueueBatch): Promise<readonly string[]> {
    const sources = new Map<BlobSource, number>();
    const wire = enqueue.map(({ blob, parameters = {}, ...message }) => {
      const source = sourceOf(blob);
      const place = sources.get(source) ?? sources.size;
      sources.set(source, place);
      return { ...message, parameters, blob: place };
    });
    return this.#worker.call('', 'applyToQueue', { enqueue: wire, change, remove }, [...sources.keys()], this.#now());
  }

  due(now: number, limit: number): Promise<readonly QueuedMessage[]> {
    return this.#worker.call('', 'dueMessages', now, limit);
  }

  get(id: string): Promise<QueuedMessage | undefined> {
    return this.#worker.call('', 'getQueued', id);
  }

  list(options: { readonly limit?: number; readonly afterId?: string } = {}): Promise<readonly QueuedMessage[]> {
    return this.#worker.call('', 'listQueued', options.limit ?? listedAtOnce, options.afterId);
  }

  reschedule(
    id: string,
    attempt: { readonly recipients: readonly string[]; readonly nextAttemptAt: number; readonly problem: string },
  ): Promise<boolean> {
    return this.#worker.call('', 'rescheduleQueued', id, attempt);
  }

  remove(id: string): Promise<boolean> {
    return this.#worker.call('', 'removeQueued', id);
  }

  async readBlob(id: BlobId): Promise<AsyncIterable<Uint8Array> | undefined> {
    const content = await this.#worker.call('', 'readQueuedBlob', id);
    return content && readContent(content);
  }

  nextDue(options: { readonly after?: number } = {}): Promise<number | undefined> {
    return this.#worker.call('', 'nextDue', options.after);
  }
}

/** Decisions, in the database that all accounts share. */
export class EmbeddedDecisions implements Decisions {
  readonly #worker: WorkerClient;

  constructor(worker: WorkerClient) {
    this.#worker = worker;
  }

  record(decision: Decision): Promise<void> {
    return this.#worker.call('', 'recordDecision', decision);
  }

  find(query: { readonly text?: string; readonly since?: number; readonly limit?: number }): Promise<readonly Decision[]> {
    return this.#worker.call('', 'findDecisions', query);
  }
}
