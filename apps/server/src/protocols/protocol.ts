import type { InboundAuthentication } from '@mox/inbound';
import type { Connection, ServedSession } from '@mox/net-node';
import type { Clock, Logger } from '@mox/runtime';
import type { CredentialSource, SaslServerOptions } from '@mox/sasl';
import type { Store } from '@mox/store';
import { isLoopback } from '../auth/login-throttle.ts';
import type { Config } from '../config/schema.ts';
import type { Service } from '../services.ts';

/** What the service of a protocol is made of. */
export interface ProtocolDeps {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly credentials: CredentialSource;
  /** How it is found out who mail from other hosts is from. */
  readonly authentication: InboundAuthentication;
  /** How clients may log in. */
  readonly sasl: SaslServerOptions;
}

/** A protocol as listeners need it. */
export interface Protocol {
  /** Makes the service's side of a connection. */
  serve(service: Service, connection: Connection): ServedSession<{ readonly type: string }>;
  /** What a connection is told that is one too many, before it is closed. */
  readonly refusal: string;
}

/** How the client of a connection may log in. A password in clear text crosses no wire between two programs of one machine. */
export function saslFor(connection: Connection, sasl: SaslServerOptions): SaslServerOptions {
  return { ...sasl, plaintextWithoutTls: isLoopback(connection.remoteAddress) };
}
