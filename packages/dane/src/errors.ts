/** Misuse of this package by the program around it. What a zone or a server does wrong is a status, never this. */
export class DaneError extends Error {
  /** A parameter is out of its range. */
  readonly code: 'bad-parameter';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'DaneError';
    this.code = 'bad-parameter';
  }
}
