import { join } from 'node:path';
import { StoreError } from '../store.ts';
import type { WorkerSettings } from '../wire.ts';
import { AccountUnit } from './account-unit.ts';
import { GlobalDatabase } from './global-database.ts';
import type { Unit } from './unit.ts';

/** Where an account's database and blobs are. */
export function accountFolder(directory: string, id: string): string {
  return join(directory, 'accounts', id);
}

/** The databases that a worker has open: those used last, up to the limit. */
export class Units {
  readonly #settings: WorkerSettings;
  readonly #open = new Map<string, AccountUnit>();
  readonly #isBusy: (unit: Unit) => boolean;
  #global: GlobalDatabase | undefined;
  /** Ids of accounts whose changes are to be told. */
  readonly watched: Set<string> = new Set();

  constructor(settings: WorkerSettings, isBusy: (unit: Unit) => boolean) {
    this.#settings = settings;
    this.#isBusy = isBusy;
  }

  global(): GlobalDatabase {
    this.#global ??= new GlobalDatabase(this.#settings);
    return this.#global;
  }

  account(id: string): AccountUnit {
    const known = this.#open.get(id);
    if (known) this.#open.delete(id);
    const account = known ?? this.#openAccount(id);
    this.#open.set(id, account);
    return account;
  }

  #openAccount(id: string): AccountUnit {
    if (!/^[a-z0-9]+$/.test(id)) throw new StoreError('io', `no account id: ${id}`);
    const { directory, readOnly, limits } = this.#settings;
    this.#closeUnused(limits.openDatabases - 1);
    const account = new AccountUnit(id, { folder: accountFolder(directory, id), readOnly, limits });
    account.watched = this.watched.has(id);
    return account;
  }

  #closeUnused(keep: number): void {
    for (const account of this.#open.values()) {
      if (this.#open.size <= keep) return;
      if (account.holds === 0 && !this.#isBusy(account)) this.drop(account);
    }
  }

  watch(id: string, on: boolean): void {
    if (on) this.watched.add(id);
    else this.watched.delete(id);
    const account = this.#open.get(id);
    if (account) account.watched = on;
  }

  /** Closes a database; the next use opens it anew. */
  drop(unit: Unit): void {
    if (unit === this.#global) this.#global = undefined;
    else if (this.#open.get(unit.name) === unit) this.#open.delete(unit.name);
    else return;
    try {
      unit.close();
    } catch {
      // A damaged database may fail to close; there is nothing more to do with it.
    }
  }

  /** Every database that is open. */
  all(): Unit[] {
    return [...(this.#global ? [this.#global] : []), ...this.#open.values()];
  }
}
