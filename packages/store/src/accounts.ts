/** A credential of an account. What it holds verifies a login, it never holds a password. */
export type Credential =
  /** A password hash in the PHC string format, e.g. `$scrypt$ln=15,r=8,p=1$salt$hash`. */
  | { readonly type: 'password'; readonly hash: string }
  /** SCRAM (RFC 5802 §3): what the server keeps. */
  | {
      readonly type: 'scram';
      readonly hash: 'sha1' | 'sha256' | 'sha512';
      readonly salt: Uint8Array;
      readonly iterations: number;
      readonly storedKey: Uint8Array;
      readonly serverKey: Uint8Array;
    };

/** An account as the directory knows it. */
export interface AccountInfo {
  /** Never changes, never used again. */
  readonly id: string;
  /** What the user logs in with, beside any of the addresses. Normalized by the caller (PRECIS). */
  readonly name: string;
  /** Addresses that deliver here, canonical: `localpart@domain`, A-label domain in lower case. */
  readonly addresses: readonly string[];
  /** Limit for the sizes of all messages; undefined for none. */
  readonly quotaBytes?: number;
  /** Whether the account may log in. Mail is delivered all the same. */
  readonly enabled: boolean;
  readonly createdAt: number;
}

/** The directory of accounts. */
export interface Accounts {
  /** Makes an account with its standard mailboxes. The problem names what is taken. */
  create(
    account: NewAccount,
  ): Promise<
    | { readonly ok: true; readonly account: AccountInfo }
    | { readonly ok: false; readonly problem: 'name-taken' | 'address-taken'; readonly taken: string }
  >;
  get(id: string): Promise<AccountInfo | undefined>;
  list(): Promise<readonly AccountInfo[]>;
  /** By login name or address. */
  findByLogin(login: string): Promise<AccountInfo | undefined>;
  /** By address, or by the catch-all of its domain (`@domain`), or by the catch-all of all domains (`@`). */
  findByAddress(address: string): Promise<AccountInfo | undefined>;
  credentials(id: string): Promise<readonly Credential[]>;
  /** Replaces all credentials at once: a changed password changes them all. */
  setCredentials(id: string, credentials: readonly Credential[]): Promise<void>;
  update(
    id: string,
    change: { readonly addresses?: readonly string[]; readonly quotaBytes?: number | null; readonly enabled?: boolean },
  ): Promise<AccountInfo | undefined>;
  /** Deletes an account with all its mail. */
  remove(id: string): Promise<boolean>;
}

/** What `Accounts.create` takes. */
export interface NewAccount {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly credentials: readonly Credential[];
  readonly quotaBytes?: number;
}
