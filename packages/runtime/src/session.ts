/** What a finished TLS handshake tells a session. */
export interface TlsInfo {
  /** Version in OpenSSL's words, e.g. `TLSv1.3`. */
  readonly protocol: string;
  /** Cipher suite by its IANA name, e.g. `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** Server name the client asked for (SNI, RFC 6066 §3). */
  readonly serverName?: string;
  /** Application protocol agreed on (ALPN, RFC 7301). */
  readonly alpn?: string;
  /** The peer's certificate, where it sent one. */
  readonly peerCertificate?: PeerCertificate;
  /** Channel binding types that this connection and a usual client can both compute, best first. */
  readonly channelBindingTypes: readonly ChannelBindingType[];
  /** The binding data of one type (RFC 5929, RFC 9266), or undefined where this connection has none. */
  channelBinding(type: ChannelBindingType): Uint8Array | undefined;
}

/** The certificate that a peer sent in a TLS handshake, and what is thought of it. */
export interface PeerCertificate {
  /** DER. */
  readonly der: Uint8Array;
  /** Whether it leads to a trusted root and, on the client's side, is for the name that was asked for. */
  readonly trusted: boolean;
  /** Why it is not trusted, in OpenSSL's or Node's words, e.g. `CERT_HAS_EXPIRED`. */
  readonly problem?: string;
  /** Further certificates that the peer sent, DER, in its order (RFC 8446 §4.4.2): not one of them was checked. */
  readonly chain?: readonly Uint8Array[];
}

/** Channel binding types of the IANA registry that SASL uses: RFC 9266 §2, RFC 5929 §3 and §4. */
export type ChannelBindingType = 'tls-exporter' | 'tls-unique' | 'tls-server-end-point';

/** Events that every session may bring, and that its driver handles, not the service behind it. */
export type TransportEvent =
  /** Send the output, then do the TLS handshake in the session's own role, then call `upgraded`. */
  | { readonly type: 'start-tls' }
  /** Send the output, then close the connection. The session is over. */
  | { readonly type: 'close' };

/**
 * A conversation as a machine without a socket: bytes and time go in, bytes and events come out.
 *
 * The driver's loop: `receive` what the peer sent; handle every `next` until it returns undefined; send
 * what `takeOutput` gives after each event; call `expire` when the clock reaches `deadline`.
 * An event that needs an answer parks the machine: until the protocol's own answer method is called,
 * `next` returns undefined, `parked` is true and nothing further is parsed, so a pipelining peer waits.
 * The same input gives the same output: a session reads no clock but the one it was handed.
 */
export interface Session<Event extends { readonly type: string }> {
  /** Takes what the peer sent. The bytes belong to the session from here on. */
  receive(bytes: Uint8Array): void;
  /** The peer will send nothing more (TCP FIN, TLS close_notify). */
  receiveEnd(): void;
  /** The next event, or undefined where more input, time, or an answer is needed first. */
  next(): Event | TransportEvent | undefined;
  /** The bytes to send next, taken out of the session; undefined where there are none. */
  takeOutput(): Uint8Array | undefined;
  /** Whether an event waits for its answer. */
  readonly parked: boolean;
  /** How many received bytes wait to be parsed: the driver reads no more beyond its limit. */
  readonly bufferedBytes: number;
  /** When `expire` is due, in the clock's milliseconds; undefined for never. It may change with every call. */
  readonly deadline: number | undefined;
  /** Says that `deadline` has passed: the session answers and closes as its protocol wants. */
  expire(): void;
  /** Says that the TLS handshake asked for by `start-tls` is done. What came in clear text before is gone. */
  upgraded(tls: TlsInfo): void;
}
