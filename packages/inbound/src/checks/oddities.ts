import type { Check } from '../check.ts';

/** Oddities of the dialogue that were let pass, each of them harmless by itself. */
export const oddityCheck: Check = {
  name: 'oddities',
  applies: ({ message }) => message.oddities.length > 0,
  run: ({ message }) => [{ step: 'oddities of the client', rfc: 'RFC 5321 §4.1.1', outcome: 'noted', detail: message.oddities.join(', ') }],
};
