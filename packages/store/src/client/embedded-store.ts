import { join } from 'node:path';
import type { Account } from '../account.ts';
import type { Accounts } from '../accounts.ts';
import type { BlobWriter } from '../blob.ts';
import type { AccountChange } from '../change.ts';
import type { Decisions } from '../decision.ts';
import type { StoreLimits } from '../limits.ts';
import type { Queue } from '../queue.ts';
import { type Store, StoreError, type StoreProblem } from '../store.ts';
import { EmbeddedBlobWriter } from './blob-writer.ts';
import { EmbeddedAccount } from './embedded-account.ts';
import { EmbeddedDirectory } from './embedded-directory.ts';
import { EmbeddedDecisions, EmbeddedQueue } from './embedded-queue.ts';
import type { WorkerClient } from './worker-client.ts';

/** What an embedded store is made of. */
export interface EmbeddedStoreParts {
  readonly directory: string;
  readonly readOnly: boolean;
  readonly limits: StoreLimits;
  now(): number;
  /** At least one; the first serves the database that all accounts share. */
  workers(onChange: (accountId: string, change: AccountChange) => void): readonly [WorkerClient, ...WorkerClient[]];
  /** A thread of its own for `check`, which reads everything: nobody is to wait for it. */
  checker(): WorkerClient;
  /** Gives the directory free for others. */
  unlock(): void;
}

/** The store on embedded databases: hands every call to the worker that the account is hashed to. */
export class EmbeddedStore implements Store {
  readonly accounts: Accounts;
  readonly queue: Queue;
  readonly decisions: Decisions;
  readonly #parts: EmbeddedStoreParts;
  readonly #workers: readonly [WorkerClient, ...WorkerClient[]];
  readonly #handles = new Map<string, EmbeddedAccount>();
  #blobs = 0;
  #closing: Promise<void> | undefined;

  constructor(parts: EmbeddedStoreParts) {
    this.#parts = parts;
    this.#workers = parts.workers((id, change) => this.#handles.get(id)?.tell(change));
    const [worker] = this.#workers;
    const now = (): number => parts.now();
    this.accounts = new EmbeddedDirectory(
      {
        worker,
        now,
        created: async (id) => {
          await this.#workerOf(id).call(id, 'modseq');
        },
        changed: (account) => {
          const handle = this.#handles.get(account.id);
          if (handle) handle.quotaBytes = account.quotaBytes;
        },
        removed: (id) => this.#removeFolder(id),
      },
      { cache: !parts.readOnly },
    );
    this.queue = new EmbeddedQueue(worker, now);
    this.decisions = new EmbeddedDecisions(worker);
  }

  /** Finishes removals that a crash interrupted; says by that whether the store can be opened at all. */
  async begin(): Promise<void> {
    const removed = await this.#workers[0].call('', 'removedAccounts');
    if (!this.#parts.readOnly) for (const id of removed) await this.#removeFolder(id);
  }

  #workerOf(id: string): WorkerClient {
    let hash = 0;
    for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) >>> 0;
    return this.#workers[hash % this.#workers.length] ?? this.#workers[0];
  }

  async #removeFolder(id: string): Promise<void> {
    this.#handles.get(id)?.retire();
    this.#handles.delete(id);
    await this.#workerOf(id).call(id, 'closeAccount', true);
    await this.#workers[0].call('', 'forgetRemovedAccount', id);
  }

  async account(id: string): Promise<Account | undefined> {
    const known = this.#handles.get(id);
    if (known) return known;
    const info = await this.accounts.get(id);
    if (!info) return undefined;
    // Another call may have made the handle meanwhile.
    const made = this.#handles.get(id);
    if (made) return made;
    const { now } = this.#parts;
    const account = new EmbeddedAccount(id, { worker: this.#workerOf(id), now, quotaBytes: info.quotaBytes });
    this.#handles.set(id, account);
    return account;
  }

  writeBlob(): BlobWriter {
    if (this.#parts.readOnly) throw new StoreError('read-only', 'the store is open for reading only');
    if (this.#closing) throw new StoreError('closed', 'the store is closed');
    const { directory, limits } = this.#parts;
    return new EmbeddedBlobWriter({ folder: join(directory, 'tmp'), limitBytes: limits.inlineBlobBytes, name: String(++this.#blobs) });
  }

  async check(): Promise<readonly StoreProblem[]> {
    const accounts = await this.accounts.list();
    const checker = this.#parts.checker();
    try {
      const problems = [...(await checker.call('', 'checkGlobal'))];
      for (const { id } of accounts) problems.push(...(await this.#checkAccount(checker, id)));
      return problems;
    } finally {
      await checker.close();
    }
  }

  async #checkAccount(checker: WorkerClient, id: string): Promise<readonly StoreProblem[]> {
    try {
      return await checker.call(id, 'check');
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const remedy = 'Restore the account from a backup; other accounts are not concerned.';
      return [{ accountId: id, message: `${error.code}: ${error.message}`, remedy }];
    }
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#workers.map((worker) => worker.close())).then(() => this.#parts.unlock());
    return this.#closing;
  }
}
