/** Work that goes on for longer than this steps aside. */
const sliceMs = 15;

/**
 * Lets long work on one thread step aside for requests: every slice of it waits for a turn of the event loop of its own, and
 * several pieces of long work take turns.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #sliceEnd = 0;

  /** Waits for the first turn. */
  enter(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(() => this.#next());
    });
  }

  /** Whether the slice is over: then wait for `enter`. Asked between steps that are short. */
  get over(): boolean {
    return performance.now() > this.#sliceEnd;
  }

  #next(): void {
    const resume = this.#waiting.shift();
    this.#sliceEnd = performance.now() + sliceMs;
    resume?.();
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }
}
