import { randomBytes } from 'node:crypto';
import { connect as connectSocket, type Socket } from 'node:net';
import type { SessionFactory } from './connection.ts';
import { NetError, netErrorFrom } from './net-error.ts';
import { type ServeOptions, type Serving, serveSession } from './serve-session.ts';
import { type ClientTlsOptions, type Upgraded, upgradeClient } from './upgrade.ts';

/** Where to connect to and how. */
export interface ConnectOptions<Event extends { readonly type: string }> {
  readonly host: string;
  readonly port: number;
  /** Address of this machine to connect from. */
  readonly localAddress?: string;
  /** `implicit`: the handshake comes first (RFC 8314 §3). `starttls`: when the session asks for it. */
  readonly tls?: ClientTlsOptions & { readonly mode: 'implicit' | 'starttls' };
  /** The client's side of the conversation: its session and what handles its events. */
  readonly serve: SessionFactory<Event>;
  /** Time until the connection stands, the handshake not included. Default 30 s. */
  readonly connectTimeoutMilliseconds?: number;
  readonly signal?: AbortSignal;
  readonly session?: Omit<ServeOptions, 'id' | 'tls' | 'upgrade'>;
}

function openSocket(options: Omit<ConnectOptions<never>, 'serve'>): Promise<Socket> {
  const { host, port, localAddress, signal, connectTimeoutMilliseconds = 30_000 } = options;
  const doing = `connecting to ${host} port ${port}`;
  return new Promise((resolve, reject) => {
    const socket = connectSocket({
      host,
      port,
      allowHalfOpen: true,
      noDelay: true,
      ...(localAddress ? { localAddress } : {}),
      ...(signal ? { signal } : {}),
    });
    const timer = setTimeout(() => {
      reject(new NetError('unreachable', `${doing}: no answer within ${connectTimeoutMilliseconds} ms`));
      socket.destroy();
    }, connectTimeoutMilliseconds);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(netErrorFrom(error, doing));
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

/** Connects to a server and runs a client session on the connection. Throws a `NetError` where there is no connection. */
export async function connect<Event extends { readonly type: string }>(options: ConnectOptions<Event>): Promise<Serving> {
  const { tls, serve, session } = options;
  const socket = await openSocket(options);
  const id = randomBytes(6).toString('base64url');
  const upgrade = (clear: Socket): Promise<Upgraded> => upgradeClient(clear, { serverName: options.host, ...tls });
  if (tls?.mode !== 'implicit') return serveSession(socket, serve, { ...session, id, ...(tls ? { upgrade } : {}) });
  const upgraded = await upgrade(socket);
  return serveSession(upgraded.socket, serve, { ...session, id, tls: upgraded.info });
}
