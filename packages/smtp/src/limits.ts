/** Bounds on what a peer may ask of a server session. Left out: the default. */
export interface SmtpServerLimits {
  /** Largest message in octets, announced by SIZE (RFC 1870). Default 50 MiB. */
  readonly messageBytes?: number;
  /** Recipients of one transaction; at least 100 are owed (RFC 5321 §4.5.3.1.8). Default 1,000. */
  readonly recipients?: number;
  /** Transactions of one session; undefined for any number. */
  readonly transactions?: number;
  /** A command line with its line end: 512 and what extensions add (RFC 5321 §4.5.3.1.4), with a margin. Default 4,096. */
  readonly commandLineBytes?: number;
  /** A line of an authentication exchange (RFC 4954 §4). Default 12,288. */
  readonly authenticationLineBytes?: number;
  /** Commands refused for syntax or order, since the last message taken; then the session ends with 421. Default 20. */
  readonly errors?: number;
  /** Recipients refused by the service in the session; then it ends with 421. Default 500. */
  readonly refusedRecipients?: number;
  /** Commands other than RCPT, DATA and BDAT, since the last message taken; then the session ends with 421. Default 200. */
  readonly idleCommands?: number;
  /** Failed logins of one session; the next failure ends it with 421. Default 3. */
  readonly failedLogins?: number;
}

/** Times in seconds that a server waits for its client (RFC 5321 §4.5.3.2). Left out: the default. */
export interface SmtpServerTimeouts {
  /** For a whole command (RFC 5321 §4.5.3.2.7). Default 300. */
  readonly commandSeconds?: number;
  /** For the next block of a message. Default 180 (RFC 5321 §4.5.3.2.5). */
  readonly dataBlockSeconds?: number;
}

/** The limits in force. */
export type ServerLimits = Readonly<Required<Omit<SmtpServerLimits, 'transactions'>>> & { readonly transactions: number | undefined };

/** Fills in the defaults. */
export function serverLimits(limits: SmtpServerLimits = {}): ServerLimits {
  return {
    messageBytes: limits.messageBytes ?? 50 * 1024 * 1024,
    recipients: limits.recipients ?? 1_000,
    transactions: limits.transactions,
    commandLineBytes: limits.commandLineBytes ?? 4_096,
    authenticationLineBytes: limits.authenticationLineBytes ?? 12_288,
    errors: limits.errors ?? 20,
    refusedRecipients: limits.refusedRecipients ?? 500,
    idleCommands: limits.idleCommands ?? 200,
    failedLogins: limits.failedLogins ?? 3,
  };
}
