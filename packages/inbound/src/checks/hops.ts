import type { Check } from '../check.ts';

/** How often the message was passed on (RFC 5321 §6.3). */
export const hopsCheck: Check = {
  name: 'hops',
  applies: () => true,
  run: ({ message }) => [{ step: 'hops', rfc: 'RFC 5321 §6.3', outcome: String(message.header.received) }],
};
