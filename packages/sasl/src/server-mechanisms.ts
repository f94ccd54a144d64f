import { anonymousServer } from './anonymous.ts';
import { cramMd5Server } from './cram-md5.ts';
import { externalServer } from './external.ts';
import { loginServer } from './login.ts';
import type { SaslServerMechanism } from './mechanism.ts';
import { oauthbearerServer } from './oauthbearer.ts';
import { plainServer } from './plain.ts';
import type { SaslServer, SaslServerOptions } from './sasl-server.ts';
import { scramServer } from './scram-server.ts';
import { xoauth2Server } from './xoauth2.ts';

/** All mechanisms of a server, in the order in which they are announced: best first. */
export const saslServerMechanisms: readonly SaslServerMechanism[] = [
  externalServer,
  /* @__PURE__ */ scramServer('sha256', { plus: true }),
  /* @__PURE__ */ scramServer('sha512', { plus: true }),
  /* @__PURE__ */ scramServer('sha1', { plus: true }),
  /* @__PURE__ */ scramServer('sha256', { plus: false }),
  /* @__PURE__ */ scramServer('sha512', { plus: false }),
  /* @__PURE__ */ scramServer('sha1', { plus: false }),
  oauthbearerServer,
  xoauth2Server,
  cramMd5Server,
  plainServer,
  loginServer,
  anonymousServer,
];

/** The mechanisms that need no more than users with passwords. */
export const defaultServerMechanisms: readonly string[] = [
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-256',
  'SCRAM-SHA-1',
  'PLAIN',
  'LOGIN',
];

function offered(mechanism: SaslServerMechanism, options: SaslServerOptions): boolean {
  const { mechanisms = defaultServerMechanisms, tls, plaintextWithoutTls = false } = options;
  if (!mechanisms.includes(mechanism.name)) return false;
  if (mechanism.plaintext && !tls && !plaintextWithoutTls) return false;
  return mechanism.available?.(options) ?? true;
}

/** Names of the mechanisms to announce on a connection, best first. */
export function offeredMechanisms(options: SaslServerOptions): readonly string[] {
  return saslServerMechanisms.filter((mechanism) => offered(mechanism, options)).map(({ name }) => name);
}

/** Starts an exchange by the mechanism that a client named, in any case; undefined where it is not offered on this connection. */
export function createSaslServer(mechanism: string, options: SaslServerOptions): SaslServer | undefined {
  const name = mechanism.toUpperCase();
  const row = saslServerMechanisms.find((one) => one.name === name);
  return row && offered(row, options) ? row.create(options) : undefined;
}
