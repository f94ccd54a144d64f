import { type ImapLimits, ImapServerSession } from '@mox/imap';
import { type Clock, type Logger, type Random, silentLogger, systemRandom } from '@mox/runtime';
import type { CredentialSource, SaslServerOptions } from '@mox/sasl';
import type { Store } from '@mox/store';
import type { ImapServed, Peer } from './peer.ts';
import { ServedConnection } from './served-connection.ts';

/** What an IMAP service is made of. */
export interface ImapServiceOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Who answers look-ups of logins. */
  readonly credentials: CredentialSource;
  readonly logger?: Logger;
  readonly random?: Random;
  readonly limits?: Partial<ImapLimits>;
  /** How clients may log in. */
  readonly sasl?: Omit<SaslServerOptions, 'tls' | 'successData'>;
  /** Whether STARTTLS is offered on connections without TLS. */
  readonly starttls?: boolean;
  /** Words of the greeting. */
  readonly greeting?: string;
  /** What ID tells (RFC 2971 §3.2); by default the name `mox`. */
  readonly id?: Readonly<Record<string, string>>;
}

/** Serves IMAP connections from a store. */
export type ImapService = (peer: Peer) => ImapServed;

/** Makes the service: call what it returns for every connection. */
export function createImapService(options: ImapServiceOptions): ImapService {
  const { store, clock, credentials, logger = silentLogger, random = systemRandom } = options;
  return (peer) => {
    const session = new ImapServerSession({
      clock,
      ...(options.limits ? { limits: options.limits } : {}),
      ...(options.sasl ? { sasl: options.sasl } : {}),
      ...(options.greeting === undefined ? {} : { greeting: options.greeting }),
      ...(peer.tls ? { tls: peer.tls } : {}),
      starttls: options.starttls ?? false,
    });
    return new ServedConnection({ session, store, clock, logger, random, peer, credentials, id: options.id ?? { name: 'mox' } });
  };
}
