import type { Resolver } from '@mox/dns';
import type { PolicyFetch } from '@mox/mtasts';
import type { ConnectOptions, Serving } from '@mox/net-node';
import type { Clock, Logger, Random } from '@mox/runtime';
import type { SmtpClientEvent, SmtpClientTimeouts } from '@mox/smtp';
import type { PolicyStore } from './policy-store.ts';

/** Bounds of one attempt. Left out: the default. */
export interface OutboundLimits {
  /** MX hosts that are looked at, the most preferred first. Default 10. */
  readonly hosts?: number;
  /** Addresses of one host. Default 4; at least two are to be tried (RFC 5321 §5.1). */
  readonly addresses?: number;
  /** Connections that are tried. Default 20. */
  readonly connections?: number;
  /** Sessions in which the message is offered. Default 3. */
  readonly sessions?: number;
  /** Recipients of one transaction, where the server announces no lower limit. Default 100 (RFC 5321 §4.5.3.1.8). */
  readonly recipients?: number;
  /** Time for the whole attempt. Default 3,600. */
  readonly attemptSeconds?: number;
  /** How much longer the reply to a message that was sent whole is waited for, when the time is over or the signal aborts. Default 30. */
  readonly graceSeconds?: number;
  /** Time for a connection to be made. Default 30. */
  readonly connectSeconds?: number;
  /** Time for a TLS handshake. Default 30. */
  readonly handshakeSeconds?: number;
  /** Time for the fetch of an MTA-STS policy. Default 60 (RFC 8461 §3.3). */
  readonly policySeconds?: number;
}

/** Opens a connection and runs a session on it: `connect` of `@mox/net-node`. */
export type Connect = (options: ConnectOptions<SmtpClientEvent>) => Promise<Serving>;

/** What sending needs. */
export interface OutboundOptions {
  /** Name of this host as A-labels, for EHLO and for finding loops. */
  readonly hostname: string;
  /** Further names of this host (RFC 5321 §5.1). */
  readonly ownNames?: readonly string[];
  /** Tells what DNSSEC validated; one that does not leaves DANE unused. */
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Fetches MTA-STS policies. */
  readonly fetch: PolicyFetch;
  /** Default: in memory. */
  readonly policies?: PolicyStore;
  /** Addresses of this machine to connect from; no mail goes to them. */
  readonly localAddresses?: { readonly ipv4?: string; readonly ipv6?: string };
  /** Trusted roots in PEM, in place of the platform's: for MTA-STS and REQUIRETLS. */
  readonly roots?: readonly string[];
  readonly limits?: OutboundLimits;
  /** Default: those of RFC 5321 §4.5.3.2. */
  readonly timeouts?: SmtpClientTimeouts;
  /** Default 25. */
  readonly port?: number;
  readonly connect?: Connect;
}
