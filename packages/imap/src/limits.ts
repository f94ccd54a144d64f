/** Bounds on what a peer may make a session hold or wait for. */
export interface ImapLimits {
  /** Bytes of one line, literals apart. RFC 7162 §4 wants 8,192 to pass; clients with long uid sets need more. */
  readonly lineBytes: number;
  /** Bytes of one literal that is not a message. */
  readonly literalBytes: number;
  /** Bytes of a command with all its lines and literals, messages apart. */
  readonly commandBytes: number;
  /** Bytes of one message in APPEND: what APPENDLIMIT announces (RFC 7889). Below 2^53. */
  readonly appendBytes: number;
  /** Messages in one APPEND (RFC 3502). */
  readonly appendMessages: number;
  /** Parentheses inside each other in a command or a response. */
  readonly nesting: number;
  /** Commands with a syntax error, one after the other, before BYE: before login, and after it. */
  readonly badCommands: number;
  readonly badCommandsAfterLogin: number;
  /** Failed logins before BYE. */
  readonly authenticationFailures: number;
  /** Silence after login before BYE: at least 30 minutes (RFC 9051 §5.4). */
  readonly autologoutMilliseconds: number;
  /** Time from the greeting to the end of a successful login. */
  readonly loginMilliseconds: number;
}

/** The limits of a session that is told of no others. */
export const defaultImapLimits: ImapLimits = {
  lineBytes: 65_536,
  literalBytes: 131_072,
  commandBytes: 262_144,
  appendBytes: 104_857_600,
  appendMessages: 100,
  nesting: 50,
  badCommands: 10,
  badCommandsAfterLogin: 50,
  authenticationFailures: 5,
  autologoutMilliseconds: 30 * 60_000,
  loginMilliseconds: 120_000,
};
