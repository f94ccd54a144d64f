import type { Check } from '../check.ts';

/** The name of EHLO: its syntax, noted and never held against the client (RFC 5321 §4.1.4). */
export const helloCheck: Check = {
  name: 'hello',
  applies: ({ session }) => session.hello !== undefined,
  run({ session }) {
    const { verb = 'HELO', name = '', valid = false } = session.hello ?? {};
    return [{ step: `syntax of ${verb}`, rfc: 'RFC 5321 §4.1.1.1', inputs: { name }, outcome: valid ? 'valid' : 'invalid' }];
  },
};
