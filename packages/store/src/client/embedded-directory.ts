import type { AccountInfo, Accounts, Credential, NewAccount } from '../accounts.ts';
import type { WorkerClient } from './worker-client.ts';

/** What the directory needs of the store around it. */
export interface DirectoryDeps {
  readonly worker: WorkerClient;
  now(): number;
  /** An account was made: it is to get its mailboxes. */
  created(id: string): Promise<void>;
  /** An account changed. */
  changed(account: AccountInfo): void;
  /** An account is out of the directory: its folder is to go. */
  removed(id: string): Promise<void>;
}

const cachedLookups = 10_000;

/**
 * The directory of accounts. It keeps what it was asked in memory: every recipient of every message is looked up, and nobody
 * else changes the directory.
 */
export class EmbeddedDirectory implements Accounts {
  readonly #deps: DirectoryDeps;
  readonly #cache: boolean;
  readonly #lookups = new Map<string, Promise<AccountInfo | undefined>>();

  constructor(deps: DirectoryDeps, options: { readonly cache: boolean }) {
    this.#deps = deps;
    this.#cache = options.cache;
  }

  #lookup(key: string, find: () => Promise<AccountInfo | undefined>): Promise<AccountInfo | undefined> {
    if (!this.#cache) return find();
    const known = this.#lookups.get(key);
    if (known) return known;
    if (this.#lookups.size >= cachedLookups) this.#lookups.clear();
    const found = find();
    this.#lookups.set(key, found);
    found.catch(() => this.#lookups.delete(key));
    return found;
  }

  /** Forgets what it was asked, before and after a change: a look-up in between may have seen either. */
  async #changing<T>(change: () => Promise<T>): Promise<T> {
    try {
      return await change();
    } finally {
      this.#lookups.clear();
    }
  }

  create(
    account: NewAccount,
  ): Promise<
    | { readonly ok: true; readonly account: AccountInfo }
    | { readonly ok: false; readonly problem: 'name-taken' | 'address-taken'; readonly taken: string }
  > {
    return this.#changing(async () => {
      const result = await this.#deps.worker.call('', 'createAccount', account, this.#deps.now());
      if (result.ok) await this.#deps.created(result.account.id);
      return result;
    });
  }

  get(id: string): Promise<AccountInfo | undefined> {
    return this.#lookup(`id ${id}`, () => this.#deps.worker.call('', 'getAccount', id));
  }

  list(): Promise<readonly AccountInfo[]> {
    return this.#deps.worker.call('', 'listAccounts');
  }

  findByLogin(login: string): Promise<AccountInfo | undefined> {
    return this.#lookup(`login ${login}`, () => this.#deps.worker.call('', 'findAccountByLogin', login));
  }

  findByAddress(address: string): Promise<AccountInfo | undefined> {
    return this.#lookup(`address ${address}`, () => this.#deps.worker.call('', 'findAccountByAddress', address));
  }

  credentials(id: string): Promise<readonly Credential[]> {
    return this.#deps.worker.call('', 'credentials', id);
  }

  setCredentials(id: string, credentials: readonly Credential[]): Promise<void> {
    return this.#deps.worker.call('', 'setCredentials', id, credentials);
  }

  update(
    id: string,
    change: { readonly addresses?: readonly string[]; readonly quotaBytes?: number | null; readonly enabled?: boolean },
  ): Promise<AccountInfo | undefined> {
    return this.#changing(async () => {
      const account = await this.#deps.worker.call('', 'updateAccount', id, change);
      if (account) this.#deps.changed(account);
      return account;
    });
  }

  remove(id: string): Promise<boolean> {
    return this.#changing(async () => {
      const wasThere = await this.#deps.worker.call('', 'removeAccount', id);
      if (wasThere) await this.#deps.removed(id);
      return wasThere;
    });
  }
}
