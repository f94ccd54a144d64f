import { fromUtf8 } from '@mox/runtime';
import { SaslError } from './errors.ts';
import { prepare } from './prepare.ts';
import type { SaslClientCredentials } from './sasl-client.ts';

/** Whether there are a name and a password. */
export function hasPassword(credentials: SaslClientCredentials): boolean {
  return credentials.username !== undefined && credentials.password !== undefined;
}

function prepared(value: string | undefined, what: string): string {
  const text = value === undefined ? undefined : prepare(value);
  if (text !== undefined) return text;
  throw new SaslError(
    'unusable-credentials',
    `${what} is ${value === undefined ? 'missing' : 'empty or has characters that SASLprep refuses'}`,
  );
}

/**
 * What a client says in clear beside its proof, as it is: an identity, a token, a host. Controls would end it early, or begin something
 * else: NUL in PLAIN (RFC 4616 §2), U+0001 in OAUTHBEARER (RFC 7628 §3.1).
 * @throws SaslError `unusable-credentials` for text with controls.
 */
export function sendable(value: string, what: string): string {
  if (!/[\u0000-\u001f\u007f]/.test(value)) return value;
  throw new SaslError('unusable-credentials', `${what} has control characters`);
}

/** As whom a client asks to act, or undefined where nobody else is asked for: nobody is also the empty name. */
export function requestedIdentity({ authzid }: SaslClientCredentials): string | undefined {
  return authzid ? sendable(authzid, 'the authorization identity') : undefined;
}

/** Name and password as prepared by SASLprep (RFC 4013), which a client does before it sends them (RFC 5802 §5.1). */
export function preparedPassword(credentials: SaslClientCredentials): { readonly username: string; readonly password: Uint8Array } {
  return {
    username: prepared(credentials.username, 'the user name'),
    password: fromUtf8(prepared(credentials.password?.reveal(), 'the password')),
  };
}
