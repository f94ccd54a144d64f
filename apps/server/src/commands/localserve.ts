import { isIP } from 'node:net';
import type { Logger } from '@mox/runtime';
import { formatBanner } from '../banner.ts';
import { type Command, directoryOption, type OptionValues, textOption } from '../cli/command.ts';
import { CommandError } from '../cli/command-error.ts';
import { type DataDirectory, dataDirectory, makeDataDirectory } from '../config/data-directory.ts';
import type { Config } from '../config/schema.ts';
import { createLogger, type LogLevel } from '../log/logger.ts';
import { newPassword } from './account.ts';

function choice<T extends string>(options: OptionValues, name: string, known: readonly T[]): T | undefined {
  const value = textOption(options, name);
  if (value === undefined) return undefined;
  const found = known.find((candidate) => candidate === value);
  if (!found) throw new CommandError(`--${name} ${value} is not known`, `one of: ${known.join(', ')}`, { exitCode: 2 });
  return found;
}

function portOffset(options: OptionValues): number | undefined {
  const text = textOption(options, 'port-offset');
  if (text === undefined) return undefined;
  const offset = Number(text);
  if (Number.isInteger(offset) && offset >= 0 && offset <= 64_000) return offset;
  throw new CommandError('--port-offset wants a number from 0 to 64000', 'e.g. --port-offset 2000', { exitCode: 2 });
}

/** The addresses of `--ip`: looked at before a first run writes them down. */
function addressesOf(options: OptionValues): string[] | undefined {
  const addresses = options['ip'] as string[] | undefined;
  const wrong = addresses?.find((address) => isIP(address) === 0);
  if (wrong !== undefined) throw new CommandError(`not an IP address: ${wrong}`, 'e.g. --ip 127.0.0.1', { exitCode: 2 });
  return addresses;
}

/** The configuration of this run: what the file says, and over it what the command line says. */
async function configure(directory: DataDirectory, options: OptionValues): Promise<Config> {
  const { loadConfig, writeNewConfig } = await import('../config/load-config.ts');
  const offset = portOffset(options);
  const addresses = addressesOf(options);
  const format = choice(options, 'log', ['text', 'json'] as const);
  const level = choice<LogLevel>(options, 'log-level', ['debug', 'info', 'warn', 'error']);
  const config =
    loadConfig(directory) ??
    writeNewConfig(directory, { password: newPassword(), portOffset: offset ?? 1_000, ...(addresses ? { addresses } : {}) });
  return {
    ...config,
    ...(offset === undefined ? {} : { portOffset: offset }),
    ...(addresses ? { addresses } : {}),
    log: { level: level ?? config.log.level, format: format ?? config.log.format },
  };
}

/** Resolves at the first signal to stop. At the second the process ends at once. */
function stopSignal(logger: Logger): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(1);
      asked = true;
      logger.info('stopping', { signal });
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}

/** `mox localserve`: a whole mail system on this machine alone. */
export const localserveCommand: Command = {
  name: 'localserve',
  summary: 'run a whole mail system on this machine alone',
  arguments: '',
  argumentCount: { least: 0, most: 0 },
  options: {
    dir: directoryOption,
    ip: { type: 'string', multiple: true, value: 'ADDRESS', help: 'address to listen on, may be given again (default: 127.0.0.1 and ::1)' },
    'port-offset': { type: 'string', value: 'NUMBER', help: 'listen on the usual ports plus this (default: 1000)' },
    log: { type: 'string', value: 'FORMAT', help: 'text or json' },
    'log-level': { type: 'string', value: 'LEVEL', help: 'debug, info, warn or error' },
  },
  details: 'All data is in one directory and kept between runs; mox.yaml in it can be edited. Takes mail for any address.',
  async run({ options, print }) {
    const directory = dataDirectory(textOption(options, 'dir'));
    makeDataDirectory(directory);
    const config = await configure(directory, options);
    const [{ startServer }, { systemClock }] = await Promise.all([import('../lifecycle.ts'), import('@mox/net-node')]);
    const logger = createLogger({ ...config.log, now: systemClock.now, write: (line) => process.stderr.write(line) });
    const stopped = stopSignal(logger);
    const server = await startServer({ directory, config, logger, clock: systemClock });
    print(formatBanner(config, directory));
    await stopped;
    await server.stop();
    logger.info('stopped');
    return 0;
  },
};
