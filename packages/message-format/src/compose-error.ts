/** Why a message cannot be composed. */
export type ComposeErrorCode =
  /** Not an address by RFC 5321 and RFC 6531. */
  | 'invalid-address'
  /** A localpart or an identifier beyond ASCII in a message that is not to be sent with SMTPUTF8 (RFC 6531). */
  | 'needs-smtputf8'
  /** A name that no header field can have, or the name of a field that is written from other input. */
  | 'invalid-field-name'
  /** Not an identifier of a message (RFC 5322 §3.6.4). */
  | 'invalid-message-id'
  /** No point in time that a date can say (RFC 5322 §3.3): years from 1900 to 9999. */
  | 'invalid-date'
  /** Not a media type (RFC 2045 §5.1), or one that attachments cannot have. */
  | 'invalid-content-type'
  /** A word of a header field that is longer than a line can be (RFC 5322 §2.1.1). */
  | 'line-too-long'
  /** Nothing in From (RFC 5322 §3.6.2). */
  | 'missing-from'
  /** Content that comes as a stream was asked for at once, or a second time. */
  | 'stream-content';

/** Misuse of the composer by the calling program. */
export class ComposeError extends Error {
  readonly code: ComposeErrorCode;

  constructor(code: ComposeErrorCode, message: string) {
    super(message);
    this.name = 'ComposeError';
    this.code = code;
  }
}
