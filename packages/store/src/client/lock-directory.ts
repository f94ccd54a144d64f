import { join } from 'node:path';
import { SqliteDatabase } from '../engine/sqlite.ts';
import { StoreError } from '../store.ts';

/**
 * Keeps other processes from opening a directory for writing; gives what ends that. The lock is one of the operating system on
 * a small database: it goes with the process, however that ends.
 */
export function lockDirectory(directory: string): () => void {
  const database = new SqliteDatabase(join(directory, 'lock.db'), { readOnly: false, waitMs: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof StoreError && error.code === 'busy')
      throw new StoreError('busy', `${directory} is open in another process`, { cause: error });
    throw error;
  }
  return () => database.close();
}
