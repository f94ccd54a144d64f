import type { FetchItemDefinition } from '../fetch-item.ts';

/** MODSEQ (RFC 7162 §3.1.4.2). */
export const modseq: FetchItemDefinition = { name: 'MODSEQ', capabilities: ['CONDSTORE'] };
