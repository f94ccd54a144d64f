import { type FetchItem, formatDateTime } from '@mox/imap';
import type { FetchWriter } from '../fetch-writer.ts';

/** SAVEDATE (RFC 8514 §4.2). */
export const saveDate: FetchWriter<FetchItem> = {
  name: 'SAVEDATE',
  fields: ['saved-at'],
  write: (_, { email }, __, out) => out.word(`SAVEDATE ${email?.savedAt === undefined ? 'NIL' : formatDateTime(email.savedAt)}`),
};
