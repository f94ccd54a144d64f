interface Flight {
  readonly result: Promise<unknown>;
  readonly controller: AbortController;
  waiting: number;
}

function aborted(signal: AbortSignal): { readonly promise: Promise<never>; readonly stop: () => void } {
  let stop = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    const listen = (): void => reject(signal.reason);
    signal.addEventListener('abort', listen, { once: true });
    stop = () => signal.removeEventListener('abort', listen);
  });
  return { promise, stop };
}

/** Runs one piece of work for all who ask for the same at the same time. Who gives up leaves alone; when all have, the work is aborted. */
export class SharedQueries {
  readonly #flights = new Map<string, Flight>();

  /** What `work` gives for the key: of the call in flight, or of a new one. Rejects with the signal's reason when that is aborted. */
  async run<Value>(key: string, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    signal?.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#start(key, work);
    flight.waiting++;
    const abort = signal && aborted(signal);
    try {
      return (await (abort ? Promise.race([flight.result, abort.promise]) : flight.result)) as Value;
    } finally {
      abort?.stop();
      if (--flight.waiting === 0) this.#leave(key, flight);
    }
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<unknown>): Flight {
    const controller = new AbortController();
    const result = work(controller.signal);
    const flight: Flight = { result, controller, waiting: 0 };
    this.#flights.set(key, flight);
    const land = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    result.then(land, land);
    return flight;
  }

  /** Nobody waits any more: who asks from now on starts anew. Nothing happens where the work is done. */
  #leave(key: string, flight: Flight): void {
    if (this.#flights.get(key) !== flight) return;
    this.#flights.delete(key);
    flight.controller.abort();
  }
}
