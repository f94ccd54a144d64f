import { createSecureContext, type SecureContext } from 'node:tls';
import { NetError } from './net-error.ts';
import type { EndPointHash } from './tls-info.ts';

/** A certificate with its key, and the names it serves. */
export interface ServerCertificate {
  /** The chain, the server's own certificate first. */
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Host names it is used for, A-labels in lower case; `*.` stands for one label (RFC 9525 §6.3). The first certificate also serves everyone else. */
  readonly names: readonly string[];
  /** For the channel binding tls-server-end-point; left out: not offered. */
  readonly endPointHash?: EndPointHash;
}

/** A certificate ready for handshakes. */
export interface ServerContext {
  readonly context: SecureContext;
  readonly endPointHash?: EndPointHash;
}

/** Certificates of a server, by name, that can be replaced while it runs: the next handshake takes the new ones. */
export class TlsCertificates {
  #default: ServerContext | undefined;
  #byName = new Map<string, ServerContext>();

  constructor(certificates: readonly ServerCertificate[]) {
    this.replace(certificates);
  }

  /** Puts others in their place. All or none: throws a `NetError` where one cannot be used. */
  replace(certificates: readonly ServerCertificate[]): void {
    const contexts = certificates.map((certificate) => ({ certificate, context: makeContext(certificate) }));
    if (!contexts[0]) throw new TypeError('no certificate given');
    this.#default = contexts[0].context;
    this.#byName = new Map(contexts.flatMap(({ certificate, context }) => certificate.names.map((name) => [name.toLowerCase(), context])));
  }

  /** The certificate for a name the client asked for (SNI, RFC 6066 §3). */
  find(serverName?: string): ServerContext {
    const name = serverName?.toLowerCase() ?? '';
    const found = this.#byName.get(name) ?? this.#byName.get(`*${name.slice(Math.max(0, name.indexOf('.')))}`) ?? this.#default;
    if (!found) throw new TypeError('no certificate given');
    return found;
  }
}

function makeContext(certificate: ServerCertificate): ServerContext {
  try {
    const context = createSecureContext({ cert: certificate.certificatePem, key: certificate.privateKeyPem, minVersion: 'TLSv1.2' });
    return certificate.endPointHash ? { context, endPointHash: certificate.endPointHash } : { context };
  } catch (error) {
    const names = certificate.names.join(', ');
    throw new NetError(
      'tls-failed',
      `the certificate for ${names} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}
