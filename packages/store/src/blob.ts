/** Names a blob within its account. Opaque. */
export type BlobId = string;

/** Bytes `start` (included) to `end` (excluded) of a blob. */
export interface BlobRange {
  readonly blobId: BlobId;
  readonly start: number;
  readonly end: number;
}

/** A blob on its way in. */
export interface BlobWriter {
  /** Takes the next bytes. Wait for the promise before the next call: that is the back-pressure. */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * No more bytes. What is known only now may still go before all others, e.g. the results of checks on top of a message: `first`. A blob
   * too large for memory is copied once for that.
   */
  finish(first?: Uint8Array): Promise<StagedBlob>;
  /** Throws it away. */
  abort(): Promise<void>;
}

/** A whole blob that belongs to no account yet. It may be added to several; `release` it when done. */
export interface StagedBlob {
  readonly sizeBytes: number;
  release(): Promise<void>;
}
