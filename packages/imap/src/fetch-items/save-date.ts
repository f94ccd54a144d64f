import type { FetchItemDefinition } from '../fetch-item.ts';

/** SAVEDATE: when a message came into its mailbox (RFC 8514 §4.2). */
export const saveDate: FetchItemDefinition = { name: 'SAVEDATE', capabilities: ['SAVEDATE'] };
