import type { FetchItem } from '@mox/imap';
import type { FetchWriter } from '../fetch-writer.ts';

/** EMAILID (RFC 8474 §5.1). */
export const emailId: FetchWriter<FetchItem> = {
  name: 'EMAILID',
  fields: [],
  write: (_, { email }, __, out) => out.word(`EMAILID (${email?.emailId})`),
};

/** THREADID (RFC 8474 §5.2). */
export const threadId: FetchWriter<FetchItem> = {
  name: 'THREADID',
  fields: ['thread'],
  write: (_, { email }, __, out) => out.word(email?.threadId === undefined ? 'THREADID NIL' : `THREADID (${email.threadId})`),
};
