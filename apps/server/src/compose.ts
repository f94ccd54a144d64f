import { createImapService } from '@mox/imap-service';
import { createInbound, type InboundListener } from '@mox/inbound';
import {
  type Connection,
  ConnectionCounter,
  type Listener,
  type ListenOptions,
  listen,
  type ServedSession,
  TlsCertificates,
} from '@mox/net-node';
import { type Clock, fromLatin1, type Logger, Secret, systemRandom } from '@mox/runtime';
import type { SaslServerOptions } from '@mox/sasl';
import type { Store } from '@mox/store';
import { credentialSource, decoyHash } from './auth/credential-source.ts';
import { decoyKey } from './auth/decoy-key.ts';
import { guardLogins } from './auth/guard-logins.ts';
import { isLoopback, LoginThrottle } from './auth/login-throttle.ts';
import { VerifiedPasswords } from './auth/verified-passwords.ts';
import type { DataDirectory } from './config/data-directory.ts';
import type { Config, ServiceName } from './config/schema.ts';
import { logConnection } from './log/log-connection.ts';
import { portOf, type Service, services } from './services.ts';
import { selfSignedCertificate } from './tls/self-signed.ts';

const renewalCheckMilliseconds = 12 * 3_600_000;

/** What a server is composed of. */
export interface ComposeOptions {
  readonly directory: DataDirectory;
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly store: Store;
}

/** A port to be listened on. */
export interface ServicePlan {
  readonly service: ServiceName;
  readonly host: string;
  /** The server does without it where this machine has no such address. */
  readonly optional: boolean;
  listen(): Promise<Listener>;
}

/** A server whose parts are made and joined, but not started. */
export interface Composed {
  readonly plans: readonly ServicePlan[];
  /** Ends what runs beside the listeners. */
  stop(): void;
}

/** Makes the service's side of a connection, and what one is told that is one too many. */
interface Protocol {
  serve(service: Service, connection: Connection): ServedSession<{ readonly type: string }>;
  refusal(hostname: string): string;
}

/** The certificate of all services, renewed while the server runs. */
async function certificates(options: ComposeOptions): Promise<{ readonly certificates: TlsCertificates; stop(): void }> {
  const { directory, config, clock, logger } = options;
  const names = [...new Set([config.hostname, 'localhost', '127.0.0.1', '::1', ...config.addresses])];
  const load = () => selfSignedCertificate({ directory, names, now: clock.now() });
  const held = new TlsCertificates([(await load()).certificate]);
  const renew = async (): Promise<void> => {
    const { certificate, isNew } = await load();
    if (!isNew) return;
    held.replace([certificate]);
    logger.info('certificate renewed');
  };
  const timer = setInterval(() => {
    renew().catch((error: unknown) => logger.error('renewing the certificate failed', { problem: String(error) }));
  }, renewalCheckMilliseconds).unref();
  return { certificates: held, stop: () => clearInterval(timer) };
}

/** How clients may log in. A password in clear text crosses no wire between two programs of one machine. */
function saslOptions(base: SaslServerOptions, connection: Connection): SaslServerOptions {
  return { ...base, plaintextWithoutTls: isLoopback(connection.remoteAddress) };
}

function smtpProtocol(options: ComposeOptions, credentials: ReturnType<typeof credentialSource>, sasl: SaslServerOptions): Protocol {
  const { store, clock, logger, config } = options;
  const { limits, timeouts } = config;
  const inbound = createInbound({ store, clock, logger, random: systemRandom, hostname: config.hostname, credentials });
  const listener: Omit<InboundListener, 'mode'> = {
    limits: { messageBytes: limits.messageSizeBytes, recipients: limits.recipients },
    timeouts: { commandSeconds: timeouts.smtpSeconds, dataBlockSeconds: Math.min(180, timeouts.smtpSeconds) },
  };
  return {
    serve({ protocol, tls }, connection) {
      const mode = protocol === 'submission' ? 'submission' : 'smtp';
      const login = mode === 'submission' ? { sasl: saslOptions(sasl, connection) } : {};
      return inbound.serve({ ...listener, ...login, mode, tlsAvailable: tls === 'starttls' }, connection) as ServedSession<{
        type: string;
      }>;
    },
    refusal: (hostname) => `421 4.7.0 ${hostname} too many connections, try again later\r\n`,
  };
}

function imapProtocol(options: ComposeOptions, credentials: ReturnType<typeof credentialSource>, sasl: SaslServerOptions): Protocol {
  const { store, clock, logger, config } = options;
  const { limits, timeouts } = config;
  const service = (starttls: boolean, plaintextWithoutTls: boolean) =>
    createImapService({
      ...{ store, clock, logger, credentials, starttls },
      sasl: { ...sasl, plaintextWithoutTls },
      limits: {
        appendBytes: limits.messageSizeBytes,
        autologoutMilliseconds: timeouts.imapSeconds * 1_000,
        loginMilliseconds: timeouts.loginSeconds * 1_000,
      },
    });
  const services = [false, true].map((starttls) => [false, true].map((local) => service(starttls, local)));
  return {
    serve({ tls }, connection) {
      const serve = services[tls === 'starttls' ? 1 : 0]?.[isLoopback(connection.remoteAddress) ? 1 : 0] ?? service(false, false);
      return serve(connection) as ServedSession<{ type: string }>;
    },
    refusal: () => '* BYE [UNAVAILABLE] too many connections, try again later\r\n',
  };
}

/** The options of one listener. */
function listenOptions(
  options: ComposeOptions & { readonly held: TlsCertificates; readonly throttle: LoginThrottle; readonly counter: ConnectionCounter },
  place: { readonly service: Service; readonly protocol: Protocol; readonly host: string },
): ListenOptions<{ readonly type: string }> {
  const { config, logger, clock, held, throttle, counter } = options;
  const { service, protocol, host } = place;
  return {
    host,
    port: portOf(service, config),
    tls: { mode: service.tls, certificates: held, handshakeTimeoutMilliseconds: Math.min(30, config.timeouts.loginSeconds) * 1_000 },
    counter,
    refusal: () => fromLatin1(protocol.refusal(config.hostname)),
    session: { writeTimeoutMilliseconds: config.timeouts.writeSeconds * 1_000 },
    clock,
    logger,
    serve(connection) {
      const served = guardLogins(connection, protocol.serve(service, connection), { throttle, logger, service: service.name });
      return logConnection(connection, served, { logger, service: service.name });
    },
  };
}

/** Makes all parts of a server and joins them. It decides nothing: that is for the services. */
export async function compose(options: ComposeOptions): Promise<Composed> {
  const { config, directory, logger, store, clock } = options;
  const credentials = credentialSource({
    accounts: store.accounts,
    logger,
    decoyHash: decoyHash(new Secret(String(systemRandom.bytes(16)))),
    verified: new VerifiedPasswords(clock, systemRandom),
  });
  const sasl: SaslServerOptions = { hostname: config.hostname, random: systemRandom, decoyKey: decoyKey(directory, systemRandom) };
  const smtp = smtpProtocol(options, credentials, sasl);
  const protocols: Readonly<Record<Service['protocol'], Protocol>> = {
    smtp,
    submission: smtp,
    imap: imapProtocol(options, credentials, sasl),
  };
  const { certificates: held, stop } = await certificates(options);
  const throttle = new LoginThrottle(clock);
  const plans = services
    .filter(({ name }) => config.services[name].enabled)
    .flatMap((service) => {
      const protocol = protocols[service.protocol];
      const { connections: total, connectionsPerAddress: perAddress } = config.limits;
      const counter = new ConnectionCounter({ total, perAddress });
      return config.addresses.map(
        (host): ServicePlan => ({
          service: service.name,
          host,
          optional: config.addresses.length > 1 && host.includes(':'),
          listen: () => listen(listenOptions({ ...options, held, throttle, counter }, { service, protocol, host })),
        }),
      );
    });
  return { plans, stop };
}
