import type { Clock, Logger, Random, TlsInfo } from '@mox/runtime';
import type { CredentialSource } from '@mox/sasl';
import type { SmtpMode, SmtpServerOptions } from '@mox/smtp';
import type { Store } from '@mox/store';

/** What receiving mail needs. */
export interface InboundOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Name of this host: in greetings, trace fields, Message-IDs, and as the authserv-id of Authentication-Results. */
  readonly hostname: string;
  /** Verifies logins. */
  readonly credentials: CredentialSource;
  /** Largest header section taken. Default 1 MiB. */
  readonly headerBytes?: number;
  /** Canonical address that gets what is sent to a postmaster without a mailbox (RFC 5321 §4.5.1). */
  readonly postmaster?: string;
}

/** What differs from port to port. */
export interface InboundListener
  extends Pick<SmtpServerOptions, 'tlsAvailable' | 'tlsRequired' | 'sasl' | 'bareLineEnds' | 'limits' | 'timeouts' | 'askOnConnect'> {
  readonly mode: SmtpMode;
}

/** A connection, as far as it concerns mail. */
export interface InboundConnection {
  /** Names the connection in logs. */
  readonly id: string;
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** The TLS that the connection began with. */
  readonly tls?: TlsInfo;
}

/** The options with defaults filled in, and what all connections share. */
export type InboundContext = InboundOptions & Required<Pick<InboundOptions, 'headerBytes'>>;
