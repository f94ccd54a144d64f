import { type Listener, NetError } from '@mox/net-node';
import type { Clock, Logger } from '@mox/runtime';
import { CommandError } from './cli/command-error.ts';
import { compose, type ServicePlan } from './compose.ts';
import type { DataDirectory } from './config/data-directory.ts';
import type { Config } from './config/schema.ts';
import { ensureAccount } from './local-account.ts';
import { openData } from './open-data.ts';

/** What a server is made from. */
export interface ServerOptions {
  readonly directory: DataDirectory;
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A server that runs. */
export interface Server {
  /** Takes nothing new, says goodbye, finishes what was begun, closes the store. */
  stop(): Promise<void>;
}

function listenProblem(error: NetError, plan: ServicePlan): CommandError {
  const remedies: Partial<Record<NetError['code'], string>> = {
    'address-in-use': `another program, maybe another mox, listens there: stop it, or use other ports: --port-offset 2000`,
    'permission-denied': 'ports below 1024 want special rights: use a larger --port-offset',
    'address-not-available': 'name an address of this machine with --ip',
  };
  return new CommandError(error.message, remedies[error.code] ?? `check services.${plan.service} in mox.yaml`, { cause: error });
}

/** Listens for all services; where one cannot, none does. */
async function listenAll(plans: readonly ServicePlan[], logger: Logger): Promise<Listener[]> {
  const listeners: Listener[] = [];
  for (const plan of plans) {
    try {
      const listener = await plan.listen();
      logger.info('listening', { service: plan.service, ...listener.address });
      listeners.push(listener);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      if (plan.optional && error.code === 'address-not-available') {
        logger.debug('not listening: this machine has no such address', { service: plan.service, host: plan.host });
        continue;
      }
      await Promise.all(listeners.map((listener) => listener.close({ graceMilliseconds: 0 })));
      throw listenProblem(error, plan);
    }
  }
  return listeners;
}

/** Starts a server: data first, then services, so that nobody is answered before all is there. Throws a `CommandError` with a remedy. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { directory, config, logger } = options;
  const { workers } = config.store;
  const store = await openData(directory, workers === undefined ? {} : { workers });
  try {
    const [composed] = await Promise.all([compose({ ...options, store }), ensureAccount(store.accounts, config, logger)]);
    const listeners = await listenAll(composed.plans, logger);
    return {
      async stop() {
        const graceMilliseconds = config.timeouts.stopSeconds * 1_000;
        await Promise.all(listeners.map((listener) => listener.close({ graceMilliseconds })));
        composed.stop();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
