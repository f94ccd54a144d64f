import type { Check } from '../check.ts';

// todo RFC 8601 §2.7.3: ask for the name of the client's address (iprev) once a resolver is handed in.
/** The name of the client's address: not asked for. */
export const reverseNameCheck: Check = {
  name: 'reverse-name',
  applies: ({ session }) => session.mode === 'smtp',
  run: ({ session }) => ({
    step: 'reverse name',
    rfc: 'RFC 8601 §2.7.3',
    inputs: { address: session.remoteAddress },
    outcome: 'not checked',
  }),
};
