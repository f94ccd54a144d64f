import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, TLSSocket, connect as tlsConnect } from 'node:tls';
import type { TlsInfo } from '@mox/runtime';
import { NetError, netErrorFrom } from './net-error.ts';
import type { TlsCertificates } from './tls-certificates.ts';
import { tlsInfo } from './tls-info.ts';

/** How the server's side of a handshake is done. */
export interface ServerTlsOptions {
  readonly certificates: TlsCertificates;
  /** Application protocols this listener speaks (ALPN, RFC 7301 §3.2), e.g. `imap`; a client that offers only others is turned away. */
  readonly alpn?: readonly string[];
  /** Asks the client for a certificate. Whether it is trusted is told by `TlsInfo`, decided by nobody here. */
  readonly requestClientCertificate?: boolean;
  /** Time the handshake may take. Default 30 s. */
  readonly handshakeTimeoutMilliseconds?: number;
}

/** How the client's side of a handshake is done. */
export interface ClientTlsOptions {
  /** Name for SNI and for checking the certificate. */
  readonly serverName?: string;
  /** Accepts any certificate; `TlsInfo.peerCertificate.trusted` tells what it is worth. Default: an untrusted one fails. */
  readonly allowUntrusted?: boolean;
  /** Trusted roots in PEM, in place of the system's. */
  readonly roots?: readonly string[];
  readonly alpn?: readonly string[];
  readonly handshakeTimeoutMilliseconds?: number;
  readonly minimumVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly maximumVersion?: 'TLSv1.2' | 'TLSv1.3';
}

/** A connection under TLS. */
export interface Upgraded {
  readonly socket: TLSSocket;
  readonly info: TlsInfo;
}

/**
 * Clear text that came before the handshake is nobody's: it may have been put there by someone on the way
 * (RFC 3207 §6). What is in the socket's buffer would otherwise be taken for the start of the handshake.
 */
function discardBuffered(socket: Socket): void {
  socket.pause();
  while (socket.read() !== null) {
    // dropped
  }
}

function secured(socket: TLSSocket, event: 'secure' | 'secureConnect', timeoutMilliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => done(new NetError('tls-failed', `no TLS handshake within ${timeoutMilliseconds} ms`)),
      timeoutMilliseconds,
    );
    const onSecure = (): void => done();
    const onError = (error: Error): void => done(new NetError('tls-failed', `TLS handshake: ${error.message}`, { cause: error }));
    const onClose = (): void => done(new NetError('tls-failed', 'the peer closed the connection during the TLS handshake'));
    const done = (error?: NetError): void => {
      clearTimeout(timer);
      socket.off(event, onSecure).off('error', onError).off('_tlsError', onError).off('close', onClose);
      if (!error) return resolve();
      socket.on('error', () => {}); // a late one has nobody left to tell
      socket.destroy();
      reject(error);
    };
    socket.on(event, onSecure).on('error', onError).on('_tlsError', onError).on('close', onClose);
  });
}

/** Does the server's side of a TLS handshake on an open connection. Throws a `NetError`, with the connection closed, where it fails. */
export async function upgradeServer(socket: Socket, options: ServerTlsOptions): Promise<Upgraded> {
  discardBuffered(socket);
  const { certificates, alpn } = options;
  const tls = new TLSSocket(socket, {
    isServer: true,
    secureContext: certificates.find().context,
    SNICallback: (name, callback) => callback(null, certificates.find(name).context),
    requestCert: options.requestClientCertificate ?? false,
    rejectUnauthorized: false,
    ...(alpn ? { ALPNProtocols: [...alpn] } : {}),
  });
  await secured(tls, 'secure', options.handshakeTimeoutMilliseconds ?? 30_000);
  const { servername } = tls as TLSSocket & { readonly servername?: unknown };
  const chosen = certificates.find(typeof servername === 'string' ? servername : undefined);
  return { socket: tls, info: tlsInfo(tls, 'server', chosen.endPointHash) };
}

function clientOptions(socket: Socket, options: ClientTlsOptions): ConnectionOptions {
  return {
    socket,
    rejectUnauthorized: options.allowUntrusted !== true,
    minVersion: options.minimumVersion ?? 'TLSv1.2',
    ...(options.maximumVersion ? { maxVersion: options.maximumVersion } : {}),
    // RFC 6066 §3: addresses are no server names; the certificate is checked for them all the same.
    ...(options.serverName ? (isIP(options.serverName) ? { host: options.serverName } : { servername: options.serverName }) : {}),
    ...(options.roots ? { ca: [...options.roots] } : {}),
    ...(options.alpn ? { ALPNProtocols: [...options.alpn] } : {}),
  };
}

/** Does the client's side of a TLS handshake on an open connection. Throws a `NetError`, with the connection closed, where it fails. */
export async function upgradeClient(socket: Socket, options: ClientTlsOptions): Promise<Upgraded> {
  discardBuffered(socket);
  try {
    const tls = tlsConnect(clientOptions(socket, options));
    await secured(tls, 'secureConnect', options.handshakeTimeoutMilliseconds ?? 30_000);
    return { socket: tls, info: tlsInfo(tls, 'client', 'sha256') };
  } catch (error) {
    throw netErrorFrom(error, 'TLS');
  }
}
