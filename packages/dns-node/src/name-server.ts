import { isIP } from 'node:net';

/** A recursive resolver to ask, and how. */
export interface NameServer {
  /** IP address; IPv6 may have a zone, as `fe80::1%eth0`. */
  readonly address: string;
  /** 53 unless told, 853 with TLS (RFC 7858 §3.1). */
  readonly port?: number;
  /** `udp` unless told: datagrams, and TCP for what does not fit into one. */
  readonly transport?: 'udp' | 'tcp' | 'tls';
  /**
   * Whether its word on DNSSEC is believed (RFC 4035 §4.9.3): that it validates, and that nobody between it and us can
   * change a bit. Loopback addresses are believed unless told, others are not, nor is the forwarder of Docker's networks at 127.0.0.11.
   */
  readonly trusted?: boolean;
  /** What DNS over TLS is done with. */
  readonly tls?: {
    /** Name that its certificate must have; the address unless told. */
    readonly serverName?: string;
    /** Certificates in PEM to trust instead of the system's. */
    readonly ca?: string;
    /** Takes any certificate: hides questions from bystanders, proves nothing. Such a server is never trusted. */
    readonly opportunistic?: boolean;
  };
}

/** Docker's forwarder passes on AD of whoever is behind it. */
const forwarder = '127.0.0.11';

function isLoopback(address: string): boolean {
  if (address === forwarder) return false;
  return address === '::1' || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/i.test(address);
}

/** Whether AD of a server is believed. */
export function isTrusted(server: NameServer): boolean {
  if (server.transport === 'tls' && server.tls?.opportunistic) return false;
  return server.trusted ?? isLoopback(server.address);
}

/** The port of a server. */
export function portOf(server: NameServer): number {
  return server.port ?? (server.transport === 'tls' ? 853 : 53);
}

/** A server as words for people, e.g. `192.0.2.53 port 53`. */
export function formatServer(server: NameServer): string {
  return `${server.address} port ${portOf(server)}${server.transport === 'tls' ? ' over TLS' : ''}`;
}

/** Throws a TypeError for an address or a port that is none: they are the program's own, or the administrator's. */
export function checkServer(server: NameServer): void {
  if (isIP(server.address) === 0) throw new TypeError(`no IP address of a name server: ${server.address}`);
  const port = portOf(server);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new TypeError(`no port of a name server: ${port}`);
}
