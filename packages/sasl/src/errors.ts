/** How a program misused this package. What a peer does wrong is a step of type `failure`, never this. */
export type SaslErrorCode =
  /** A machine was fed after it ended, or answered when it had asked nothing, or not answered when it had. */
  | 'out-of-turn'
  /** An answer does not fit the question asked. */
  | 'wrong-answer'
  /** The credentials handed in cannot serve the mechanism, e.g. a password that SASLprep refuses. */
  | 'unusable-credentials'
  /** A parameter is out of its range. */
  | 'bad-parameter';

/** Misuse of this package by the program around it. */
export class SaslError extends Error {
  readonly code: SaslErrorCode;

  constructor(code: SaslErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'SaslError';
    this.code = code;
  }
}
