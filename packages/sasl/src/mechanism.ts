import type { SaslClient, SaslClientOptions } from './sasl-client.ts';
import type { SaslServer, SaslServerOptions } from './sasl-server.ts';

/** A row of the table of mechanisms for servers. */
export interface SaslServerMechanism {
  /** IANA name. */
  readonly name: string;
  /** The client shows its password or token, so that the exchange needs TLS around it (RFC 4616 §5). */
  readonly plaintext?: boolean;
  /** Whether the connection has what the mechanism needs; always where this is missing. */
  readonly available?: (options: SaslServerOptions) => boolean;
  readonly create: (options: SaslServerOptions) => SaslServer;
}

/** A row of the table of mechanisms for clients. */
export interface SaslClientMechanism {
  /** IANA name. */
  readonly name: string;
  /** As `SaslServerMechanism.plaintext`. */
  readonly plaintext?: boolean;
  /** Whether the credentials, and the connection, have what the mechanism needs. */
  readonly usable: (options: SaslClientOptions) => boolean;
  readonly create: (options: SaslClientOptions) => SaslClient;
}
