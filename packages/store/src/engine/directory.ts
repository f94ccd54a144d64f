import { randomBytes } from 'node:crypto';
import type { AccountInfo, Credential, NewAccount } from '../accounts.ts';
import type { GlobalDatabase } from './global-database.ts';

type AccountRow = [id: string, name: string, quotaBytes: number | null, enabled: number, createdAt: number];

const selectAccount = 'SELECT id, name, quota_bytes, enabled, created_at FROM account';

function toInfo(global: GlobalDatabase, row: AccountRow): AccountInfo {
  const [id, name, quotaBytes, enabled, createdAt] = row;
  const addresses = global.database.sql<[string]>('SELECT address FROM address WHERE account_id = ? ORDER BY place').all(id);
  return {
    ...{ id, name, addresses: addresses.map(([address]) => address) },
    ...(quotaBytes === null ? {} : { quotaBytes }),
    ...{ enabled: enabled !== 0, createdAt },
  };
}

/** An account by its id. */
export function getAccount(global: GlobalDatabase, id: string): AccountInfo | undefined {
  const row = global.database.sql<AccountRow>(`${selectAccount} WHERE id = ?`).get(id);
  return row && toInfo(global, row);
}

/** All accounts, by name. */
export function listAccounts(global: GlobalDatabase): readonly AccountInfo[] {
  return global.database
    .sql<AccountRow>(`${selectAccount} ORDER BY name`)
    .all()
    .map((row) => toInfo(global, row));
}

function ownerOf(global: GlobalDatabase, address: string): string | undefined {
  return global.database.sql<[string]>('SELECT account_id FROM address WHERE address = ?').get(address)?.[0];
}

/** The account of a login name or an address. */
export function findAccountByLogin(global: GlobalDatabase, login: string): AccountInfo | undefined {
  const row = global.database.sql<AccountRow>(`${selectAccount} WHERE name = ?`).get(login);
  if (row) return toInfo(global, row);
  // A catch-all is an address to deliver to, not a name to log in with.
  const owner = login.startsWith('@') ? undefined : ownerOf(global, login);
  return owner === undefined ? undefined : getAccount(global, owner);
}

/** The account that an address delivers to: its own, that of its domain, or that of all domains. */
export function findAccountByAddress(global: GlobalDatabase, address: string): AccountInfo | undefined {
  const domain = address.slice(address.lastIndexOf('@'));
  const owner = ownerOf(global, address) ?? ownerOf(global, domain) ?? ownerOf(global, '@');
  return owner === undefined ? undefined : getAccount(global, owner);
}

/** The first of some addresses that is another account's address or login name. */
function takenAddress(global: GlobalDatabase, addresses: readonly string[], id: string | undefined): string | undefined {
  return addresses.find((address) => {
    const owner = ownerOf(global, address) ?? global.database.sql<[string]>('SELECT id FROM account WHERE name = ?').get(address)?.[0];
    return owner !== undefined && owner !== id;
  });
}

function setAddresses(global: GlobalDatabase, id: string, addresses: readonly string[]): void {
  global.database.sql('DELETE FROM address WHERE account_id = ?').run(id);
  for (const [place, address] of [...new Set(addresses)].entries()) {
    global.database.sql('INSERT INTO address VALUES (?, ?, ?)').run(address, id, place);
  }
}

/** Makes an account: a name and addresses that nobody has yet. */
export function createAccount(
  global: GlobalDatabase,
  account: NewAccount,
  now: number,
):
  | { readonly ok: true; readonly account: AccountInfo }
  | { readonly ok: false; readonly problem: 'name-taken' | 'address-taken'; readonly taken: string } {
  const { name, addresses, credentials, quotaBytes } = account;
  if (findAccountByLogin(global, name)) return { ok: false, problem: 'name-taken', taken: name };
  const taken = takenAddress(global, addresses, undefined);
  if (taken !== undefined) return { ok: false, problem: 'address-taken', taken };
  const id = `a${randomBytes(8).toString('hex')}`;
  global.database.sql('INSERT INTO account VALUES (?, ?, ?, 1, ?, ?)').run(id, name, quotaBytes ?? null, now, packCredentials(credentials));
  setAddresses(global, id, addresses);
  const info = getAccount(global, id);
  if (!info) throw new TypeError('an account just made is missing');
  return { ok: true, account: info };
}

/** Changes an account. Addresses of others are left to them: then nothing changes and nothing is given. */
export function updateAccount(
  global: GlobalDatabase,
  id: string,
  change: { readonly addresses?: readonly string[]; readonly quotaBytes?: number | null; readonly enabled?: boolean },
): AccountInfo | undefined {
  const { addresses, quotaBytes, enabled } = change;
  if (!getAccount(global, id)) return undefined;
  if (addresses && takenAddress(global, addresses, id) !== undefined) return undefined;
  if (addresses) setAddresses(global, id, addresses);
  if (quotaBytes !== undefined) global.database.sql('UPDATE account SET quota_bytes = ? WHERE id = ?').run(quotaBytes, id);
  if (enabled !== undefined) global.database.sql('UPDATE account SET enabled = ? WHERE id = ?').run(enabled ? 1 : 0, id);
  return getAccount(global, id);
}

/** Takes an account out of the directory; its folder is to go next. */
export function removeAccount(global: GlobalDatabase, id: string): boolean {
  global.database.sql('DELETE FROM address WHERE account_id = ?').run(id);
  if (global.database.sql('DELETE FROM account WHERE id = ?').run(id) === 0) return false;
  global.database.sql('INSERT OR IGNORE INTO removed_account VALUES (?)').run(id);
  return true;
}

/** Accounts out of the directory whose folder may still be there. */
export function removedAccounts(global: GlobalDatabase): readonly string[] {
  return global.database
    .sql<[string]>('SELECT id FROM removed_account')
    .all()
    .map(([id]) => id);
}

/** The folder of a removed account is gone. */
export function forgetRemovedAccount(global: GlobalDatabase, id: string): void {
  global.database.sql('DELETE FROM removed_account WHERE id = ?').run(id);
}

/** The credentials of an account; none for an unknown one. */
export function readCredentials(global: GlobalDatabase, id: string): readonly Credential[] {
  const text = global.database.sql<[string]>('SELECT credentials FROM account WHERE id = ?').get(id)?.[0];
  return text === undefined ? [] : unpackCredentials(text);
}

/** Replaces the credentials of an account. */
export function setCredentials(global: GlobalDatabase, id: string, credentials: readonly Credential[]): void {
  global.database.sql('UPDATE account SET credentials = ? WHERE id = ?').run(packCredentials(credentials), id);
}

/** Credentials as text; bytes as `{"base64": "..."}`. */
function packCredentials(credentials: readonly Credential[]): string {
  return JSON.stringify(credentials, (_, value: unknown) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
  );
}

function unpackCredentials(text: string): readonly Credential[] {
  return JSON.parse(text, (_, value: unknown) => {
    const { base64 } = (value ?? {}) as { base64?: unknown };
    return typeof base64 === 'string' ? new Uint8Array(Buffer.from(base64, 'base64')) : value;
  }) as readonly Credential[];
}
