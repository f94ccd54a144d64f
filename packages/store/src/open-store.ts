import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { Clock } from '@mox/runtime';
import { EmbeddedStore } from './client/embedded-store.ts';
import { lockDirectory } from './client/lock-directory.ts';
import { WorkerClient } from './client/worker-client.ts';
import { toStoreError } from './engine/faults.ts';
import { makeFolder } from './engine/open-database.ts';
import { defaultStoreLimits, type StoreLimits } from './limits.ts';
import type { Store } from './store.ts';

/** How `openStore` opens a store. */
export interface StoreOptions {
  /** Where everything is kept; made where it is missing. */
  readonly directory: string;
  readonly clock: Clock;
  /** Storage threads; accounts are spread over them. By default one for each processor, at most four. */
  readonly workers?: number;
  /** Opens for reading, beside the server that has it open for writing. Writes throw `StoreError` `read-only`; `watch` hears nothing. */
  readonly readOnly?: boolean;
  readonly limits?: Partial<StoreLimits>;
  /** The script of a storage thread, where a bundler put it elsewhere than beside this module. */
  readonly workerScript?: URL;
}

/** The script of a storage thread: beside this module, as source or as built. */
function workerScript(): URL {
  const own = import.meta.url;
  const extension = own.endsWith('.ts') ? 'ts' : own.endsWith('.cjs') ? 'cjs' : 'js';
  return new URL(`./worker.${extension}`, own);
}

/** Empties the folder of blobs on their way in: whoever wrote them is gone. */
function clearTemporary(directory: string): void {
  try {
    makeFolder(directory);
    rmSync(join(directory, 'tmp'), { recursive: true, force: true });
    mkdirSync(join(directory, 'tmp'), { mode: 0o700 });
  } catch (error) {
    throw toStoreError(error);
  }
}

/**
 * Opens the embedded store of a directory: SQLite databases on worker threads. One process at a time has it open for writing.
 * Throws `StoreError`: `busy` where another has it, `damaged`, `unsupported-version`, `disk-full`, `io`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { clock, readOnly = false, workers = Math.min(4, availableParallelism()) } = options;
  const directory = resolve(options.directory);
  const limits = { ...defaultStoreLimits, ...options.limits };
  if (!readOnly) makeFolder(directory);
  const unlock = readOnly ? () => {} : lockDirectory(directory);
  const script = options.workerScript ?? workerScript();
  try {
    if (!readOnly) clearTemporary(directory);
    const store = new EmbeddedStore({
      ...{ directory, readOnly, limits, unlock },
      now: () => clock.now(),
      workers: (onChange) => {
        const make = (): WorkerClient => new WorkerClient({ script, settings: { directory, readOnly, limits }, onChange });
        return [make(), ...Array.from({ length: Math.max(1, workers) - 1 }, make)];
      },
      checker: () => new WorkerClient({ script, settings: { directory, readOnly: true, limits }, onChange: () => {} }),
    });
    await store.begin();
    return store;
  } catch (error) {
    unlock();
    throw error;
  }
}
