import type { Check } from '../check.ts';

/** Fields that only this host may write, written by somebody else (RFC 8601 §5, RFC 5321 §4.4). */
export const headerCopiesCheck: Check = {
  name: 'header-copies',
  applies: ({ message }) => message.header.removed.length > 0,
  run: ({ message }) => [
    {
      step: 'fields reserved to this host',
      rfc: 'RFC 8601 §5',
      outcome: 'removed',
      detail: message.header.removed.join(', '),
    },
  ],
};
