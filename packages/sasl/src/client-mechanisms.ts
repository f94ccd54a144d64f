import { anonymousClient } from './anonymous.ts';
import { cramMd5Client } from './cram-md5.ts';
import { externalClient } from './external.ts';
import { loginClient } from './login.ts';
import type { SaslClientMechanism } from './mechanism.ts';
import { oauthbearerClient } from './oauthbearer.ts';
import { plainClient } from './plain.ts';
import type { SaslClient, SaslClientOptions } from './sasl-client.ts';
import { scramClient } from './scram-client.ts';
import { xoauth2Client } from './xoauth2.ts';

/** All mechanisms of a client, in the order in which they are chosen: best first. */
export const saslClientMechanisms: readonly SaslClientMechanism[] = [
  externalClient,
  oauthbearerClient,
  xoauth2Client,
  /* @__PURE__ */ scramClient('sha256', { plus: true }),
  /* @__PURE__ */ scramClient('sha512', { plus: true }),
  /* @__PURE__ */ scramClient('sha1', { plus: true }),
  /* @__PURE__ */ scramClient('sha256', { plus: false }),
  /* @__PURE__ */ scramClient('sha512', { plus: false }),
  /* @__PURE__ */ scramClient('sha1', { plus: false }),
  cramMd5Client,
  plainClient,
  loginClient,
  anonymousClient,
];

function usable(mechanism: SaslClientMechanism, options: SaslClientOptions): boolean {
  if (mechanism.plaintext && !options.tls && !options.plaintextWithoutTls) return false;
  return mechanism.usable(options);
}

/** The best mechanism that the server announced and the credentials can serve; undefined where there is none. */
export function chooseMechanism(options: SaslClientOptions): string | undefined {
  const announced = new Set(options.announced.map((name) => name.toUpperCase()));
  return saslClientMechanisms.find((mechanism) => announced.has(mechanism.name) && usable(mechanism, options))?.name;
}

/**
 * Starts an exchange by a mechanism; undefined where the credentials or the connection cannot serve it.
 * Its `start` throws SaslError `unusable-credentials` where SASLprep refuses a name or the password.
 */
export function createSaslClient(mechanism: string, options: SaslClientOptions): SaslClient | undefined {
  const row = saslClientMechanisms.find(({ name }) => name === mechanism.toUpperCase());
  return row && usable(row, options) ? row.create(options) : undefined;
}
