/** Where a machine or a check learns the time. Milliseconds since 1970-01-01T00:00:00Z, as `Date.now`. */
export interface Clock {
  now(): number;
}

/** A clock that stands still until it is moved: for tests and for replaying a recording. */
export class ManualClock implements Clock {
  #now: number;

  constructor(now: number = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Moves the clock on by so many milliseconds and returns the new time. */
  advance(milliseconds: number): number {
    this.#now += milliseconds;
    return this.#now;
  }
}
