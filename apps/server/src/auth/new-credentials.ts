import type { Secret } from '@mox/runtime';
import { makeScramCredentials } from '@mox/sasl';
import type { Credential } from '@mox/store';
import { hashPassword } from './password-hash.ts';

const scramHashes = ['sha1', 'sha256', 'sha512'] as const;

/** Everything that verifies logins with a password: a hash of it, and what each SCRAM needs (RFC 5802 §3). */
export async function newCredentials(password: Secret): Promise<readonly Credential[]> {
  const scram = scramHashes.map(
    async (hash): Promise<Credential> => ({ type: 'scram', ...(await makeScramCredentials({ password, hash })) }),
  );
  return [{ type: 'password', hash: await hashPassword(password) }, ...(await Promise.all(scram))];
}
