import type { SearchKeyDefinition } from '../search-key.ts';
import { dateKeys } from './basic.ts';

/** SAVEDBEFORE, SAVEDON, SAVEDSINCE and SAVEDATESUPPORTED (RFC 8514 §4.3). Every mailbox here keeps save dates. */
export const savedDateKeys: readonly SearchKeyDefinition[] = /* @__PURE__ */ (() => [
  ...dateKeys('SAVED', 'saved'),
  { name: 'SAVEDATESUPPORTED', parse: () => ({ type: 'all' }) },
])();
