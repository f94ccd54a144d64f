import type { StoreProblem } from '../store.ts';
import { checkIntegrity } from './check-account.ts';
import { checkBlobs } from './check-blobs.ts';
import type { GlobalDatabase } from './global-database.ts';

const remedy = 'Stop the server and restore global.db and the queue folder from a backup; the mail of the accounts is not concerned.';

/** Looks for damage in what all accounts share. */
export async function checkGlobal(global: GlobalDatabase): Promise<readonly StoreProblem[]> {
  const missing =
    global.database
      .sql<[number]>('SELECT count(*) FROM queued q WHERE NOT EXISTS (SELECT 1 FROM blob b WHERE b.id = q.blob_id)')
      .get()?.[0] ?? 0;
  const problems = [...checkIntegrity(global.database), ...(await checkBlobs(global.database, global.blobs))];
  if (missing > 0) problems.push(`${missing} queued messages without their blob`);
  return problems.map((message) => ({ message, remedy }));
}
