import type { StoreError } from '../store.ts';

/** A write that waits for its place in a transaction. */
export interface Write {
  run(): unknown;
  resolve(value: unknown): void;
  reject(error: StoreError): void;
}

/** A database with the writes that wait for it: what the scheduler commits as one. */
export interface Unit {
  /** Account id; empty for the database that all share. */
  readonly name: string;
  /** Uses of it that go on across turns of the event loop: it stays open as long as there are any. */
  holds: number;
  begin(): void;
  /** Writes what is kept in memory during a transaction, and commits. */
  commit(): void;
  /** Undoes the transaction, in memory too. */
  rollback(): void;
  /** Called before reads: a database that another process writes to is looked at anew. */
  refresh(): void;
  /** Whether there is something to tidy up. */
  readonly untidy: boolean;
  /** One helping of tidying up, within a transaction. */
  tidy(): void;
  close(): void;
}

/** Puts something into a database's next transaction; the promise resolves when that is durable. */
export type WriteSoon = <T>(run: () => T) => Promise<T>;
