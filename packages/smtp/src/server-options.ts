import type { Clock, TlsInfo } from '@mox/runtime';
import type { SaslServerOptions } from '@mox/sasl';
import type { SmtpServerLimits, SmtpServerTimeouts } from './limits.ts';

/** Which protocol a server speaks: mail transfer (RFC 5321), submission (RFC 6409), or LMTP (RFC 2033). */
export type SmtpMode = 'smtp' | 'submission' | 'lmtp';

/** What a server session is made of. */
export interface SmtpServerOptions {
  readonly mode: SmtpMode;
  /** Name of this host, as in the greeting: a domain name in A-labels, or an address literal. */
  readonly hostname: string;
  readonly clock: Clock;
  /** The TLS that the connection began with (RFC 8314 §3.3). */
  readonly tls?: TlsInfo;
  /** STARTTLS is offered. */
  readonly tlsAvailable?: boolean;
  /** No command but NOOP, EHLO, STARTTLS and QUIT is taken without TLS (RFC 3207 §4). Not for a server of public mail. */
  readonly tlsRequired?: boolean;
  /** AUTH is offered: with which mechanisms and how. The session adds its TLS. */
  readonly sasl?: Omit<SaslServerOptions, 'tls' | 'successData'>;
  /** MAIL is refused before a login (RFC 6409 §4.3). Default: in submission. */
  readonly authenticationRequired?: boolean;
  /** Delivery status notifications may be asked for (RFC 3461). Default: in submission. */
  readonly dsn?: boolean;
  /** REQUIRETLS is offered under TLS (RFC 8689): the service keeps its promise. Default: false. */
  readonly requireTls?: boolean;
  /** BINARYMIME is offered (RFC 3030 §3): the service stores and passes on what is no text. Default: false. */
  readonly binaryMime?: boolean;
  /**
   * What happens to a message with a CR or LF that is no part of a line end (RFC 5321 §2.3.8): another server may take what
   * follows it for commands, so it is refused, whole, when its end CR LF . CR LF has come. `accept` keeps it as it is. Default: `refuse`.
   */
  readonly bareLineEnds?: 'refuse' | 'accept';
  /** An event `connect` comes before the greeting, to be answered. Default: false. */
  readonly askOnConnect?: boolean;
  readonly limits?: SmtpServerLimits;
  readonly timeouts?: SmtpServerTimeouts;
}
