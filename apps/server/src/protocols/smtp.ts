import { createInbound, type InboundListener } from '@mox/inbound';
import { systemRandom } from '@mox/runtime';
import { type Protocol, type ProtocolDeps, saslFor } from './protocol.ts';

/** SMTP, and submission, which is SMTP with a login. */
export function smtpProtocol({ config, store, clock, logger, credentials, sasl, authentication }: ProtocolDeps): Protocol {
  const { hostname, limits, timeouts } = config;
  const inbound = createInbound({ store, clock, logger, random: systemRandom, hostname, credentials, authentication });
  const listener: Omit<InboundListener, 'mode'> = {
    limits: { messageBytes: limits.messageSizeBytes, recipients: limits.recipients },
    timeouts: { commandSeconds: timeouts.smtpSeconds, dataBlockSeconds: Math.min(180, timeouts.smtpSeconds) },
  };
  return {
    serve({ protocol, tls }, connection) {
      const mode = protocol === 'submission' ? 'submission' : 'smtp';
      const login = mode === 'submission' ? { sasl: saslFor(connection, sasl) } : {};
      return inbound.serve({ ...listener, ...login, mode, tlsAvailable: tls === 'starttls' }, connection);
    },
    refusal: `421 4.7.0 ${hostname} too many connections, try again later\r\n`,
  };
}
