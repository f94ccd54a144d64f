import type { ImapServerEvent, ImapServerSession } from '@mox/imap';
import type { TlsInfo } from '@mox/runtime';

/** The other end of a connection, as a driver of sessions knows it. */
export interface Peer {
  /** Names the connection in logs. */
  readonly id: string;
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** What the handshake gave where the connection began with TLS. */
  readonly tls?: TlsInfo;
  /** Sends what the session has to say; resolves when the peer takes more. Also called outside of `handle`, while the client idles. */
  flush(): Promise<void>;
}

/** The service's side of one connection. */
export interface ImapServed {
  readonly session: ImapServerSession;
  /** Handles one event of the session. To be awaited before the next one is taken. */
  handle(event: ImapServerEvent): Promise<void>;
  /** The server stops: the client is told as soon as no command is in progress. */
  shutdown(): void;
  /** The connection is over. */
  close(): Promise<void>;
}
