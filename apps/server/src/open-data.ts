import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@mox/net-node';
import { openStore, type Store, StoreError, type StoreErrorCode } from '@mox/store';
import { CommandError } from './cli/command-error.ts';
import type { DataDirectory } from './config/data-directory.ts';

const remedies: Readonly<Record<StoreErrorCode, string>> = {
  busy: 'a mox server runs on this directory: stop it first, or use another directory with --dir',
  'disk-full': 'make room on the disk; nothing that was acknowledged is lost',
  damaged: 'restore the damaged file from a backup; other accounts are not concerned',
  'unsupported-version': 'this data was written by a newer mox: run that version',
  'read-only': 'run the command without another server on the directory',
  io: 'check the disk, and that this user may write to the directory',
  closed: 'run the command again',
};

/** The store of a data directory. Throws a `CommandError` with a remedy where it cannot be opened. */
export async function openData(
  directory: DataDirectory,
  options: { readonly readOnly?: boolean; readonly workers?: number } = {},
): Promise<Store> {
  // What the store calls the file that is there from its first start on.
  if (options.readOnly && !existsSync(join(directory.store, 'global.db'))) {
    throw new CommandError(`there is no mox data in ${directory.path}`, 'name the data directory with --dir, or start: mox localserve', {
      exitCode: 2,
    });
  }
  try {
    return await openStore({ directory: directory.store, clock: systemClock, ...options });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new CommandError(`the data in ${directory.path} cannot be opened: ${error.message}`, remedies[error.code], {
      cause: error,
      exitCode: options.readOnly ? 2 : 1,
    });
  }
}

/** Opens the store for one job and closes it afterwards. */
export async function withStore<T>(
  directory: DataDirectory,
  options: { readonly readOnly?: boolean },
  job: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openData(directory, options);
  try {
    return await job(store);
  } finally {
    await store.close();
  }
}
