/** How a program misused this package. What a peer does wrong is a reply or a result, never this. */
export type SmtpErrorCode =
  /** An answer was given when nothing was asked, or to another question. */
  | 'not-asked'
  /** A client session was told to send when it was not ready to. */
  | 'not-ready'
  /** An option cannot be used, e.g. a hostname that is none. */
  | 'bad-option';

/** Misuse of this package by the program around it. */
export class SmtpError extends Error {
  override readonly name: string = 'SmtpError';
  readonly code: SmtpErrorCode;

  constructor(code: SmtpErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
