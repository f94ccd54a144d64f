import type { DkimKeyCache } from '@mox/dkim';
import type { Resolver } from '@mox/dns';
import type { Clock, Logger, Random, TlsInfo } from '@mox/runtime';
import type { CredentialSource } from '@mox/sasl';
import type { SmtpMode, SmtpServerOptions } from '@mox/smtp';
import type { Store } from '@mox/store';
import type { DmarcEnforcement } from './decide-dmarc.ts';

/** How it is found out who mail from other hosts is from: iprev, SPF, DKIM, ARC, DMARC. */
export interface InboundAuthentication {
  readonly resolver: Resolver;
  /** Keys of DKIM and ARC kept between messages: see `createKeyCache` of `@mox/dkim`. */
  readonly keyCache?: DkimKeyCache;
  /** Whether mail of the client with an IP address is not checked, e.g. this machine's own. Nobody is exempt without it. */
  readonly exempt?: (remoteAddress: string) => boolean;
  /** What failing DMARC may lead to; `reject` unless told. */
  readonly dmarc?: DmarcEnforcement;
  /** Domains of forwarders and lists whose ARC seals are believed (RFC 8617 §7.2.1). */
  readonly trustedSealers?: readonly string[];
  /** How long the checks of one message may ask the DNS; 60 seconds unless told. What is not known then is a temporary error. */
  readonly limitSeconds?: number;
}

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
  /** Without it nothing is asked of who mail is from. */
  readonly authentication?: InboundAuthentication;
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
