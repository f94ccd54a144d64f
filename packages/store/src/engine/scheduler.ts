import type { StoreError } from '../store.ts';
import { toStoreError } from './faults.ts';
import type { Unit, Write } from './unit.ts';

/** What the scheduler tells the worker. */
export interface SchedulerEvents {
  /** A transaction of this database is durable. */
  committed(unit: Unit): void;
  /** A database cannot go on: its file is damaged or gone. It is to be opened anew at the next call. */
  broken(unit: Unit): void;
  /** Called before each commit and when there is nothing left to do: the time to post answers. */
  turn(): void;
}

/**
 * Group commit: all writes that wait for a database go into one transaction, which costs one wait for the disk. Databases take
 * turns, one a turn of the event loop, so that reads are served between the waits.
 */
export class Scheduler {
  readonly #waiting = new Map<Unit, Write[]>();
  readonly #events: SchedulerEvents;
  #awake = false;

  constructor(events: SchedulerEvents) {
    this.#events = events;
  }

  /** Puts a write into the next transaction of a database. `lazyMs` lets it wait so long for others to come along. */
  write<T>(unit: Unit, run: () => T, lazyMs: number = 0): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const write: Write = { run, resolve: (value) => resolve(value as T), reject };
      const waiting = this.#waiting.get(unit);
      if (waiting) waiting.push(write);
      else if (lazyMs > 0) this.#wait(unit, write, lazyMs);
      else this.#waiting.set(unit, [write]);
      if (lazyMs === 0) this.wake();
    });
  }

  readonly #lazy = new Map<Unit, Write[]>();

  #wait(unit: Unit, write: Write, lazyMs: number): void {
    const lazy = this.#lazy.get(unit);
    if (lazy) {
      lazy.push(write);
      return;
    }
    this.#lazy.set(unit, [write]);
    setTimeout(() => {
      if (!this.#lazy.has(unit)) return;
      if (!this.#waiting.has(unit)) this.#waiting.set(unit, []);
      this.wake();
    }, lazyMs);
  }

  isBusy(unit: Unit): boolean {
    return this.#waiting.has(unit) || this.#lazy.has(unit);
  }

  /** Sees to it that there is a turn soon. */
  wake(): void {
    if (this.#awake) return;
    this.#awake = true;
    setImmediate(() => this.#turn());
  }

  /** Commits what waits for one database now. */
  flush(unit: Unit): void {
    const writes = [...(this.#waiting.get(unit) ?? []), ...(this.#lazy.get(unit) ?? [])];
    this.#waiting.delete(unit);
    this.#lazy.delete(unit);
    if (writes.length > 0) this.#commit(unit, writes);
  }

  #turn(): void {
    this.#events.turn();
    const [unit] = this.#waiting.keys();
    if (!unit) {
      this.#awake = false;
      return;
    }
    this.flush(unit);
    setImmediate(() => this.#turn());
  }

  #commit(unit: Unit, writes: readonly Write[]): void {
    const error = this.#attempt(unit, writes);
    if (!error) return;
    // One write that does not fit must not take the others with it.
    if (writes.length > 1 && error.code !== 'damaged') for (const write of writes) this.#commit(unit, [write]);
    else for (const write of writes) write.reject(error);
  }

  #attempt(unit: Unit, writes: readonly Write[]): StoreError | undefined {
    try {
      unit.begin();
      const values = writes.map((write) => write.run());
      unit.commit();
      this.#events.committed(unit);
      for (const [i, write] of writes.entries()) write.resolve(values[i]);
      return undefined;
    } catch (cause) {
      const error = toStoreError(cause);
      try {
        unit.rollback();
      } catch {
        this.#events.broken(unit);
      }
      return error;
    }
  }
}
