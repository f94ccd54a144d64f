/** How a program misused this package, or what this machine could not do. A certificate that cannot be read is a `Result`, never this. */
export type X509ErrorCode =
  /** A parameter is out of its range, or a name is none. */
  | 'bad-parameter'
  /** A private key is not in PKCS #8, or of a type that is not known here. */
  | 'bad-key';

/** Misuse of this package by the program around it. */
export class X509Error extends Error {
  readonly code: X509ErrorCode;

  constructor(code: X509ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'X509Error';
    this.code = code;
  }
}
