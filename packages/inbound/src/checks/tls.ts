import type { Check } from '../check.ts';

/** How the message was protected on its way here (RFC 3207). */
export const tlsCheck: Check = {
  name: 'tls',
  applies: () => true,
  run({ session: { tls } }) {
    if (!tls) return [{ step: 'TLS', rfc: 'RFC 3207 §4', outcome: 'none' }];
    return [{ step: 'TLS', rfc: 'RFC 3207 §4', inputs: { protocol: tls.protocol, cipher: tls.cipher }, outcome: 'used' }];
  },
};
