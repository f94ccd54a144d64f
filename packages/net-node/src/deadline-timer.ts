import type { Clock } from '@mox/runtime';

/** Longest delay of Node's timers; a longer one fires at once. */
const longestDelay = 2 ** 31 - 1;

/**
 * A timer for a deadline that moves with every command. Moving it later costs nothing: the timer fires at the
 * old time, looks, and is armed again for the rest.
 */
export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #deadline: () => number | undefined;
  readonly #onExpired: () => void;
  #timer: NodeJS.Timeout | undefined;
  #firesAt = Number.POSITIVE_INFINITY;

  /** `deadline` is read when the timer fires; `onExpired` is called where it has passed. */
  constructor(clock: Clock, deadline: () => number | undefined, onExpired: () => void) {
    this.#clock = clock;
    this.#deadline = deadline;
    this.#onExpired = onExpired;
  }

  /** Looks at the deadline anew. */
  update(): void {
    const deadline = this.#deadline();
    if (deadline === undefined || deadline >= this.#firesAt) return;
    clearTimeout(this.#timer);
    this.#arm(deadline);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#firesAt = Number.POSITIVE_INFINITY;
  }

  #arm(deadline: number): void {
    this.#firesAt = deadline;
    const delay = Math.min(longestDelay, Math.max(1, Math.ceil(deadline - this.#clock.now())));
    this.#timer = setTimeout(this.#fire, delay);
  }

  readonly #fire = (): void => {
    this.stop();
    const deadline = this.#deadline();
    if (deadline === undefined) return;
    if (deadline <= this.#clock.now()) this.#onExpired();
    else this.#arm(deadline);
  };
}
