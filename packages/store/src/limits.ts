/** Bounds of a store. */
export interface StoreLimits {
  /** Largest blob kept in the database itself; larger ones are files. */
  readonly inlineBlobBytes: number;
  readonly mailboxesPerAccount: number;
  readonly keywordsPerAccount: number;
  readonly keywordLength: number;
  /** Tombstones of expunged messages kept for each account: how far back `changesSince` is complete. */
  readonly tombstonesPerAccount: number;
  /** Messages whose index a worker keeps in memory, over all mailboxes; about 28 bytes each. */
  readonly indexedMessages: number;
  /** Databases a worker keeps open. */
  readonly openDatabases: number;
  readonly decisions: number;
  readonly decisionAgeMs: number;
  /** Message ids of one message that are looked at for its thread. */
  readonly threadReferences: number;
}

/** Bounds of a store where nothing else is said. */
export const defaultStoreLimits: StoreLimits = {
  inlineBlobBytes: 128 * 1024,
  mailboxesPerAccount: 10_000,
  keywordsPerAccount: 1000,
  keywordLength: 255,
  tombstonesPerAccount: 100_000,
  indexedMessages: 1_000_000,
  openDatabases: 64,
  decisions: 100_000,
  decisionAgeMs: 30 * 24 * 60 * 60 * 1000,
  threadReferences: 50,
};
