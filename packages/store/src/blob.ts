/** Names a blob within its account. Opaque. */
export type BlobId = string;

/** A blob on its way in. */
export interface BlobWriter {
  /** Takes the next bytes. Wait for the promise before the next call: that is the back-pressure. */
  write(bytes: Uint8Array): Promise<void>;
  /** No more bytes. */
  finish(): Promise<StagedBlob>;
  /** Throws it away. */
  abort(): Promise<void>;
}

/** A whole blob that belongs to no account yet. It may be added to several; `release` it when done. */
export interface StagedBlob {
  readonly sizeBytes: number;
  release(): Promise<void>;
}
