import type { Account } from './account.ts';
import type { Accounts } from './accounts.ts';
import type { BlobWriter } from './blob.ts';
import type { Decisions } from './decision.ts';
import type { Queue } from './queue.ts';

/**
 * A mail store: everything that survives a restart. It speaks of accounts, mailboxes and messages, knows no
 * protocol, and every method is asynchronous: engines are embedded databases on worker threads, or servers.
 *
 * A promise that resolves means durable: what it reports survives a power cut. Methods throw `StoreError`
 * for faults of this machine (disk full, database damaged); what a caller may well ask for and not get
 * (no such mailbox, a name that is taken) is a value.
 */
export interface Store {
  /** Who has mail here: names, addresses, credentials. */
  readonly accounts: Accounts;
  /** Messages on their way out. */
  readonly queue: Queue;
  /** What was decided about each transaction, and why, refusals included. */
  readonly decisions: Decisions;
  /** The handle of an account; the same one for the same id. Undefined where there is no such account. */
  account(id: string): Promise<Account | undefined>;
  /** Starts a blob. Small ones stay in memory, larger ones go to a temporary place as they come in. */
  writeBlob(): BlobWriter;
  /** Looks for damage; reports it, mends nothing. */
  check(): Promise<readonly StoreProblem[]>;
  /** Finishes what was begun and closes. Handles of accounts are dead afterwards. */
  close(): Promise<void>;
}

/** A finding of `check`. */
export interface StoreProblem {
  /** Account concerned; absent for what all share. */
  readonly accountId?: string;
  readonly message: string;
  /** What an operator can do about it. */
  readonly remedy: string;
}

/** What can be wrong with the machine underneath. */
export type StoreErrorCode = 'disk-full' | 'damaged' | 'busy' | 'closed' | 'io' | 'unsupported-version' | 'read-only';

/** A fault of the machine below the store: never the fault of a peer. */
export class StoreError extends Error {
  override readonly name: string = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
