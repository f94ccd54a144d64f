import { setImmediate } from 'node:timers';
import { Worker } from 'node:worker_threads';
import type { AccountChange } from '../change.ts';
import { StoreError } from '../store.ts';
import type { Calls, WireRequest, WorkerPost, WorkerSettings } from '../wire.ts';

interface Waiting {
  readonly call: keyof Calls;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** How a worker is started, and who hears of changes. */
export interface WorkerClientOptions {
  readonly script: URL;
  readonly settings: WorkerSettings;
  onChange(accountId: string, change: AccountChange): void;
}

/** The caller's end of one worker thread. Calls made in one turn of the event loop travel together. */
export class WorkerClient {
  readonly #options: WorkerClientOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #watched = new Set<string>();
  #worker: Worker | undefined;
  #outgoing: WireRequest[] = [];
  #lastId = 0;
  #closed = false;
  #idle: (() => void) | undefined;

  constructor(options: WorkerClientOptions) {
    this.#options = options;
  }

  /** Calls a function of the worker. Rejects with `StoreError`. */
  call<K extends keyof Calls>(database: string, call: K, ...args: Parameters<Calls[K]>): Promise<ReturnType<Calls[K]>> {
    if (this.#closed) return Promise.reject(new StoreError('closed', 'the store is closed'));
    return this.#request(database, call, args) as Promise<ReturnType<Calls[K]>>;
  }

  #request(database: string, call: keyof Calls, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      if (this.#waiting.size === 0) this.#start().ref();
      this.#waiting.set(id, { call, resolve, reject });
      if (this.#outgoing.length === 0) setImmediate(() => this.#send());
      this.#outgoing.push({ id, database, call, args });
    });
  }

  /** Says whether changes of an account are to be told; remembered for a worker that is started again. */
  watch(accountId: string, on: boolean): void {
    if (on) this.#watched.add(accountId);
    else this.#watched.delete(accountId);
    this.call(accountId, 'watch', on).catch(() => {});
  }

  /** Waits for what was begun and ends the thread. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#worker && this.#outgoing.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
      this.#tellIdle();
    });
    await this.#request('', 'closeAccount', [false]);
    await this.#worker?.terminate();
  }

  #send(): void {
    const batch = this.#outgoing;
    this.#outgoing = [];
    const worker = this.#start();
    try {
      worker.postMessage(batch);
    } catch {
      for (const request of batch) this.#sendAlone(worker, request);
    }
  }

  /** A request that cannot travel, as one with a function in it, fails alone. */
  #sendAlone(worker: Worker, request: WireRequest): void {
    try {
      worker.postMessage([request]);
    } catch (error) {
      this.#waiting.get(request.id)?.reject(new TypeError('what was handed to the store is not plain data', { cause: error }));
      this.#waiting.delete(request.id);
    }
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(this.#options.script, { workerData: this.#options.settings, name: 'mox-store' });
    worker.on('message', (post: WorkerPost) => this.#take(worker, post));
    worker.on('error', (error) => this.#lose(worker, error));
    worker.on('exit', () => this.#lose(worker, new Error('the thread ended')));
    // Only a call under way keeps the process alive.
    worker.unref();
    this.#worker = worker;
    const again = [...this.#watched].map((database): WireRequest => ({ id: 0, database, call: 'watch', args: [true] }));
    if (again.length > 0) worker.postMessage(again);
    return worker;
  }

  #take(worker: Worker, post: WorkerPost): void {
    for (const { accountId, change } of post.changes) this.#options.onChange(accountId, change);
    for (const { id, value, error } of post.replies) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new StoreError(error.code, error.message));
      else waiting?.resolve(value);
    }
    if (this.#waiting.size === 0) worker.unref();
    this.#tellIdle();
  }

  /** Tells who closes that nothing is under way any more. A search need not end: it leaves nothing half done. */
  #tellIdle(): void {
    if (this.#idle && ![...this.#waiting.values()].some(({ call }) => call !== 'search')) this.#idle();
  }

  /** A thread that died takes its calls with it; the next call starts another. */
  #lose(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#idle?.();
    for (const { reject } of lost) reject(new StoreError('io', 'a storage thread ended unexpectedly', { cause }));
  }
}
