import { ConnectionCounter, type Listener, type ListenOptions, listen, type TlsCertificates } from '@mox/net-node';
import { type Clock, fromLatin1, type Logger, Secret, systemRandom, toHex } from '@mox/runtime';
import type { Store } from '@mox/store';
import { credentialSource, decoyHash } from './auth/credential-source.ts';
import { decoyKey } from './auth/decoy-key.ts';
import { guardLogins } from './auth/guard-logins.ts';
import { LoginThrottle } from './auth/login-throttle.ts';
import { VerifiedPasswords } from './auth/verified-passwords.ts';
import type { DataDirectory } from './config/data-directory.ts';
import type { Config, ServiceName } from './config/schema.ts';
import { logConnection } from './log/log-connection.ts';
import { type MessageChecks, openMessageChecks } from './message-checks.ts';
import type { Protocol } from './protocols/protocol.ts';
import { makeProtocols } from './protocols/table.ts';
import { portOf, type Service, services } from './services.ts';
import { renewedCertificates } from './tls/renewed-certificates.ts';

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

/** What all listeners share. */
interface Shared extends Pick<ComposeOptions, 'config' | 'logger' | 'clock'> {
  readonly certificates: TlsCertificates;
  readonly throttle: LoginThrottle;
}

function protocolsOf(options: ComposeOptions, { authentication }: MessageChecks): ReturnType<typeof makeProtocols> {
  const { config, directory, logger, store, clock } = options;
  const credentials = credentialSource({
    accounts: store.accounts,
    logger,
    decoyHash: decoyHash(new Secret(toHex(systemRandom.bytes(16)))),
    verified: new VerifiedPasswords(clock, systemRandom),
  });
  const sasl = { hostname: config.hostname, random: systemRandom, decoyKey: decoyKey(directory, systemRandom) };
  return makeProtocols({ config, store, clock, logger, credentials, sasl, authentication });
}

/** The options of one listener. */
function listenOptions(
  shared: Shared,
  place: { readonly service: Service; readonly protocol: Protocol; readonly host: string; readonly counter: ConnectionCounter },
): ListenOptions<{ readonly type: string }> {
  const { config, logger, clock, certificates, throttle } = shared;
  const { service, protocol, host, counter } = place;
  const log = { logger, service: service.name };
  return {
    ...{ host, port: portOf(service, config), counter, clock, logger },
    tls: { mode: service.tls, certificates, handshakeTimeoutMilliseconds: Math.min(30, config.timeouts.loginSeconds) * 1_000 },
    refusal: () => fromLatin1(protocol.refusal),
    session: { writeTimeoutMilliseconds: config.timeouts.writeSeconds * 1_000 },
    serve(connection) {
      const served = guardLogins(connection, protocol.serve(service, connection), { ...log, throttle });
      return logConnection(connection, served, log);
    },
  };
}

/** One plan for each address that a service is to be had on. */
function plansOf(service: Service, protocol: Protocol, shared: Shared): ServicePlan[] {
  const { addresses, limits } = shared.config;
  const counter = new ConnectionCounter({ total: limits.connections, perAddress: limits.connectionsPerAddress });
  return addresses.map((host) => ({
    service: service.name,
    host,
    optional: addresses.length > 1 && host.includes(':'),
    listen: () => listen(listenOptions(shared, { service, protocol, host, counter })),
  }));
}

/** Makes all parts of a server and joins them. It decides nothing: that is for the services. */
export async function compose(options: ComposeOptions): Promise<Composed> {
  const { config, directory, logger, clock } = options;
  const names = [...new Set([config.hostname, 'localhost', '127.0.0.1', '::1', ...config.addresses])];
  const [{ certificates, stop }, checks] = await Promise.all([
    renewedCertificates({ directory, names, clock, logger }),
    openMessageChecks(config),
  ]);
  const protocols = protocolsOf(options, checks);
  const shared: Shared = { config, logger, clock, certificates, throttle: new LoginThrottle(clock) };
  const enabled = services.filter(({ name }) => config.services[name].enabled);
  return {
    plans: enabled.flatMap((service) => plansOf(service, protocols[service.protocol], shared)),
    stop() {
      stop();
      checks.close();
    },
  };
}
