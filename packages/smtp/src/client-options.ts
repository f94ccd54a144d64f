import type { Clock, TlsInfo } from '@mox/runtime';
import type { SaslClientCredentials } from '@mox/sasl';

/** Times in seconds that a client waits for its server (RFC 5321 §4.5.3.2). Left out: the default. */
export interface SmtpClientTimeouts {
  /** Default 300 (RFC 5321 §4.5.3.2.1). */
  readonly greetingSeconds?: number;
  /** MAIL, RCPT and all that is not named here. Default 300 (RFC 5321 §4.5.3.2.2, §4.5.3.2.3). */
  readonly commandSeconds?: number;
  /** The reply to DATA. Default 120 (RFC 5321 §4.5.3.2.4). */
  readonly dataSeconds?: number;
  /** The reply to the end of the content. Default 600 (RFC 5321 §4.5.3.2.6). */
  readonly endSeconds?: number;
}

/** What a client session is made of. */
export interface SmtpClientOptions {
  /** Default `smtp`; `lmtp` for LHLO and a reply for each recipient (RFC 2033). */
  readonly protocol?: 'smtp' | 'lmtp';
  /** Name of this host, for EHLO: a domain name in A-labels, or an address literal (RFC 5321 §4.1.1.1). */
  readonly hostname: string;
  readonly clock: Clock;
  /** The TLS that the connection began with. */
  readonly tls?: TlsInfo;
  /** Whether STARTTLS is used (RFC 3207): never; where it is offered; or nothing is sent without it. Default `opportunistic`. */
  readonly startTls?: 'never' | 'opportunistic' | 'required';
  /** Logs in by AUTH (RFC 4954); where that fails, so does the session. */
  readonly credentials?: SaslClientCredentials;
  /** Lets a password be shown without TLS: for a loopback connection. Default false. */
  readonly plaintextWithoutTls?: boolean;
  /** Whom the connection leads to, for mechanisms that ask (RFC 7628). */
  readonly host?: string;
  readonly port?: number;
  /** Content goes by BDAT (RFC 3030) where the server offers it: always, or for binary content alone. Default `binary`. */
  readonly chunking?: 'always' | 'binary';
  readonly timeouts?: SmtpClientTimeouts;
}
