import { createImapService, type ImapService } from '@mox/imap-service';
import { type Protocol, type ProtocolDeps, saslFor } from './protocol.ts';

/** IMAP. */
export function imapProtocol({ config, store, clock, logger, credentials, sasl }: ProtocolDeps): Protocol {
  const { limits, timeouts } = config;
  const made = new Map<string, ImapService>();
  return {
    serve({ tls }, connection) {
      const login = saslFor(connection, sasl);
      const key = `${tls} ${login.plaintextWithoutTls}`;
      const service =
        made.get(key) ??
        createImapService({
          ...{ store, clock, logger, credentials, sasl: login },
          starttls: tls === 'starttls',
          limits: {
            appendBytes: limits.messageSizeBytes,
            autologoutMilliseconds: timeouts.imapSeconds * 1_000,
            loginMilliseconds: timeouts.loginSeconds * 1_000,
          },
        });
      made.set(key, service);
      return service(connection);
    },
    refusal: '* BYE [UNAVAILABLE] too many connections, try again later\r\n',
  };
}
