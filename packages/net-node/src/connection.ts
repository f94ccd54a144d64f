import type { Session, TlsInfo } from '@mox/runtime';

/** How a connection ended: for the log and for clean-up. */
export type CloseReason =
  /** The session asked for it. */
  | 'session'
  /** The peer closed or reset the connection. */
  | 'peer'
  /** The peer did not take what was sent to it in time. */
  | 'write-timeout'
  /** The TLS handshake failed or took too long. */
  | 'tls-failed'
  /** The server stops, or the caller aborted. */
  | 'shutdown'
  /** A handler threw: a fault of this program. */
  | 'fault';

/** One connection, as a service sees it. */
export interface Connection {
  /** Names the connection in logs. */
  readonly id: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** What the handshake gave where the connection began with TLS. A later one is told to the session by `upgraded`. */
  readonly tls?: TlsInfo;
  /** Aborted when the connection is over: for work begun in its name. */
  readonly signal: AbortSignal;
  /**
   * Sends what the session has to say, and resolves when the peer takes more. For services that add output
   * while streaming, and outside of `handle` (IDLE); an event answered outside of `handle` goes on with it, too.
   * Resolves, and does nothing, where the connection is over.
   */
  flush(): Promise<void>;
  /** Ends the connection at once, without a word. */
  destroy(): void;
}

/** What a service gives for one connection: the protocol's machine, and what answers its events. */
export interface ServedSession<Event extends { readonly type: string }> {
  readonly session: Session<Event>;
  /** Handles one event. Awaited before the next one is taken out of the session. What it throws is logged, and ends the connection. */
  handle(event: Event): void | Promise<void>;
  /** The server stops: the session says so in its protocol's words (421, BYE) and closes as soon as it may. Called once, at any time. */
  shutdown?(): void;
  /** The connection is over. Called once, last. `problem` says in words why the TLS handshake or the connection failed, where that is known. */
  close?(reason: CloseReason, problem?: string): void | Promise<void>;
}

/** Makes the service's side of a connection. */
export type SessionFactory<Event extends { readonly type: string }> = (connection: Connection) => ServedSession<Event>;
