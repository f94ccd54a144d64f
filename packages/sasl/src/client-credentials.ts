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

/** Name and password as prepared by SASLprep (RFC 4013), which a client does before it sends them (RFC 5802 §5.1). */
export function preparedPassword(credentials: SaslClientCredentials): { readonly username: string; readonly password: Uint8Array } {
  return {
    username: prepared(credentials.username, 'the user name'),
    password: fromUtf8(prepared(credentials.password?.reveal(), 'the password')),
  };
}
