/** What a caller of a session did wrong. */
export type ImapErrorCode =
  /** An answer to nothing that was asked. */
  | 'not-parked'
  /** A literal got more or fewer bytes than it was announced with. */
  | 'literal-size'
  /** A command or response cannot be written. */
  | 'unwritable';

/** Misuse of this package by the program: never the fault of a peer. */
export class ImapError extends Error {
  override readonly name: string = 'ImapError';
  readonly code: ImapErrorCode;

  constructor(code: ImapErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
