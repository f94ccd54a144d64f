import { createHash, type X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { ChannelBindingType, PeerCertificate, TlsInfo } from '@mox/runtime';

/** Hash of a certificate for the binding tls-server-end-point: that of its signature, SHA-256 where it is weaker (RFC 5929 §4.1). */
export type EndPointHash = 'sha256' | 'sha384' | 'sha512';

type Role = 'server' | 'client';

const bindingTypes: Readonly<Record<string, readonly ChannelBindingType[]>> = {
  'TLSv1.3': ['tls-exporter', 'tls-server-end-point'],
  'TLSv1.2': ['tls-unique', 'tls-server-end-point'],
};

/** RFC 9266 §2: 32 bytes exported under its label. Only TLS 1.3 binds them to the handshake without further extensions. */
function exporterBinding(socket: TLSSocket): Uint8Array | undefined {
  if (socket.getProtocol() !== 'TLSv1.3') return undefined;
  return new Uint8Array(socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)));
}

/** RFC 5929 §3.1: the first Finished message of the handshake: the client's, or the server's where a session was resumed. */
function uniqueBinding(socket: TLSSocket, role: Role): Uint8Array | undefined {
  if (socket.getProtocol() === 'TLSv1.3') return undefined;
  const own = (role === 'client') !== socket.isSessionReused();
  const finished = own ? socket.getFinished() : socket.getPeerFinished();
  return finished && new Uint8Array(finished);
}

/** RFC 5929 §4.1: a hash of the server's certificate. */
function endPointBinding(certificate: X509Certificate | undefined, hash: EndPointHash | undefined): Uint8Array | undefined {
  return certificate && hash && new Uint8Array(createHash(hash).update(certificate.raw).digest());
}

/** Most certificates of a peer that are passed on. */
const mostCertificates = 16;

/** What a peer sent after its own certificate: Node links it as issuers, in the peer's order, whoever issued what. */
function chainOf(certificate: X509Certificate): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  for (let next = certificate.issuerCertificate; next && chain.length < mostCertificates; next = next.issuerCertificate) {
    chain.push(new Uint8Array(next.raw));
  }
  return chain;
}

function peerCertificate(socket: TLSSocket, peer: X509Certificate): PeerCertificate {
  const chain = chainOf(peer);
  // Node gives its code, though its types say an Error.
  const { authorizationError: problem } = socket as { readonly authorizationError?: unknown };
  return {
    der: new Uint8Array(peer.raw),
    trusted: socket.authorized,
    ...(socket.authorized || typeof problem !== 'string' ? {} : { problem }),
    ...(chain.length === 0 ? {} : { chain }),
  };
}

/**
 * What a finished handshake tells a session. Binding data is read off the socket when asked for.
 * `endPointHash` belongs to the server's certificate; without it tls-server-end-point is not offered.
 */
export function tlsInfo(socket: TLSSocket, role: Role, endPointHash?: EndPointHash): TlsInfo {
  const peer = socket.getPeerX509Certificate(); // once: Node 24 and older give nothing the second time
  const serverName = serverNameOf(socket);
  const protocol = socket.getProtocol() ?? 'unknown';
  const types = bindingTypes[protocol] ?? [];
  const bindings: Record<ChannelBindingType, () => Uint8Array | undefined> = {
    'tls-exporter': () => exporterBinding(socket),
    'tls-unique': () => uniqueBinding(socket, role),
    'tls-server-end-point': () => endPointBinding(role === 'client' ? peer : socket.getX509Certificate(), endPointHash),
  };
  return {
    protocol,
    cipher: socket.getCipher().standardName,
    ...(serverName ? { serverName } : {}),
    ...(socket.alpnProtocol ? { alpn: socket.alpnProtocol } : {}),
    ...(peer ? { peerCertificate: peerCertificate(socket, peer) } : {}),
    channelBindingTypes: endPointHash ? types : types.filter((type) => type !== 'tls-server-end-point'),
    channelBinding: (type) => (socket.destroyed ? undefined : bindings[type]()),
  };
}

/** Node knows the name at run time, its types do not. */
function serverNameOf(socket: TLSSocket): string | undefined {
  const { servername } = socket as TLSSocket & { readonly servername?: unknown };
  return typeof servername === 'string' && servername !== '' ? servername : undefined;
}
