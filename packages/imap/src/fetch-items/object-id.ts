import type { FetchItemDefinition } from '../fetch-item.ts';

/** EMAILID (RFC 8474 §5.1). */
export const emailId: FetchItemDefinition = { name: 'EMAILID', capabilities: ['OBJECTID'] };

/** THREADID (RFC 8474 §5.2). */
export const threadId: FetchItemDefinition = { name: 'THREADID' };
