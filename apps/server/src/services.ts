import type { Config, ServiceName } from './config/schema.ts';

/** A service as the registry of ports knows it. */
export interface Service {
  readonly name: ServiceName;
  readonly protocol: 'smtp' | 'submission' | 'imap';
  readonly standardPort: number;
  /** TLS when the client asks for it (RFC 3207, RFC 9051 §6.2.1), or first of all (RFC 8314 §3). */
  readonly tls: 'starttls' | 'implicit';
}

/** The services of a mail server, in the order they are started. */
export const services: readonly Service[] = [
  { name: 'smtp', protocol: 'smtp', standardPort: 25, tls: 'starttls' },
  { name: 'submission', protocol: 'submission', standardPort: 587, tls: 'starttls' },
  { name: 'submissions', protocol: 'submission', standardPort: 465, tls: 'implicit' },
  { name: 'imap', protocol: 'imap', standardPort: 143, tls: 'starttls' },
  { name: 'imaps', protocol: 'imap', standardPort: 993, tls: 'implicit' },
];

/** The port a service listens on. */
export function portOf(service: Service, config: Config): number {
  return config.services[service.name].port ?? service.standardPort + config.portOffset;
}
