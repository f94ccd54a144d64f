/** How a message came, as SMTP tells it. */
export interface MessageSource {
  /** Address of the client. */
  readonly ip: string;
  /** What the client said in HELO or EHLO. */
  readonly helo: string;
  /** The reverse-path without its angle brackets, `localpart@domain`; empty for the null one. */
  readonly mailFrom: string;
}
