import type { Logger, Secret } from '@mox/runtime';
import type { CredentialSource, SaslAnswer, SaslLookup } from '@mox/sasl';
import { type AccountInfo, type Accounts, StoreError } from '@mox/store';
import { hashPassword, verifyPassword } from './password-hash.ts';
import type { VerifiedPasswords } from './verified-passwords.ts';

/** What the directory's answers are made from. */
export interface CredentialSourceDeps {
  readonly accounts: Accounts;
  readonly logger: Logger;
  /** A password hash that no password is known for: checked in place of an unknown user's, so that the time does not tell. */
  readonly decoyHash: () => Promise<string>;
  readonly verified: VerifiedPasswords;
}

const refused: SaslAnswer = { type: 'refused' };

/** Makes a hash of a password that nobody knows when it is first wanted. */
export function decoyHash(password: Secret): () => Promise<string> {
  let hash: Promise<string> | undefined;
  return () => {
    hash ??= hashPassword(password);
    return hash;
  };
}

async function checkPassword(deps: CredentialSourceDeps, lookup: SaslLookup & { type: 'password' }): Promise<SaslAnswer> {
  const account = await deps.accounts.findByLogin(lookup.authcid);
  const credentials = account ? await deps.accounts.credentials(account.id) : [];
  const stored = credentials.find((credential) => credential.type === 'password');
  const hash = stored?.hash ?? (await deps.decoyHash());
  const right = deps.verified.knows(lookup.password, hash) || (await verifyPassword(lookup.password, hash));
  if (!right || !stored || !account) return refused;
  deps.verified.remember(lookup.password, hash);
  return accepted(account);
}

function accepted(account: AccountInfo): SaslAnswer {
  return account.enabled
    ? { type: 'accepted', authcid: account.name }
    : { type: 'refused', reason: 'disabled', problem: 'account disabled' };
}

async function findScram(deps: CredentialSourceDeps, lookup: SaslLookup & { type: 'scram' }): Promise<SaslAnswer> {
  const account = await deps.accounts.findByLogin(lookup.authcid);
  const credentials = account?.enabled ? await deps.accounts.credentials(account.id) : [];
  for (const credential of credentials) {
    if (credential.type !== 'scram' || credential.hash !== lookup.hash) continue;
    return { type: 'scram', credentials: credential, ...(account ? { authcid: account.name } : {}) };
  }
  return refused;
}

function answer(deps: CredentialSourceDeps, lookup: SaslLookup): Promise<SaslAnswer> {
  if (lookup.type === 'password') return checkPassword(deps, lookup);
  if (lookup.type === 'scram') return findScram(deps, lookup);
  return Promise.resolve({ type: 'refused', problem: `nothing here answers a look-up of type ${lookup.type}` });
}

/** The directory that logins are checked against. Whether an exchange succeeded in the end is known to the session alone. */
export function credentialSource(deps: CredentialSourceDeps): CredentialSource {
  return async (lookup) => {
    try {
      return await answer(deps, lookup);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      deps.logger.error('the directory of accounts cannot be read', { problem: error.message, code: error.code });
      return { type: 'temporary', problem: error.message };
    }
  };
}
