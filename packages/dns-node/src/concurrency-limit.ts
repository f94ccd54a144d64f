/** Lets so many pieces of work run at once; the others wait their turn. */
export class ConcurrencyLimit {
  #free: number;
  readonly #queue = new Set<() => void>();

  constructor(limit: number) {
    this.#free = limit;
  }

  /** Runs the work when it is its turn. Rejects with the signal's reason where that is aborted before. */
  async run<Value>(work: () => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    if (this.#free > 0) this.#free--;
    else await this.#turn(signal);
    try {
      return await work();
    } finally {
      const [next] = this.#queue;
      if (next) next();
      else this.#free++;
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#queue.delete(enter);
        signal?.removeEventListener('abort', abort);
      };
      const enter = (): void => {
        leave();
        resolve();
      };
      const abort = (): void => {
        leave();
        reject(signal?.reason);
      };
      this.#queue.add(enter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}
