import { StoreError, type StoreErrorCode } from '../store.ts';

/** Primary result codes of SQLite that say something about the machine. */
const sqliteCodes: Readonly<Record<number, StoreErrorCode>> = {
  5: 'busy',
  6: 'busy',
  8: 'read-only',
  11: 'damaged',
  13: 'disk-full',
  26: 'damaged',
};
const systemCodes: Readonly<Record<string, StoreErrorCode>> = { ENOSPC: 'disk-full', EDQUOT: 'disk-full', EROFS: 'read-only' };

/** What an error of the database or of the file system means for the caller of the store. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code, errcode, message } = error as { code?: unknown; errcode?: unknown; message?: unknown };
  const known = typeof errcode === 'number' ? sqliteCodes[errcode & 0xff] : typeof code === 'string' ? systemCodes[code] : undefined;
  return new StoreError(known ?? 'io', String(message ?? error), { cause: error });
}
