import { readFileSync, writeFileSync } from 'node:fs';
import { CommandError } from '../cli/command-error.ts';
import type { DataDirectory } from './data-directory.ts';
import { type NewConfig, newConfigText } from './new-config.ts';
import { readConfig } from './read-config.ts';
import type { Config } from './schema.ts';

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** The text of the configuration file, or undefined where there is none yet. */
export function readConfigFile(directory: DataDirectory): string | undefined {
  try {
    return readFileSync(directory.configFile, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    const problem = error instanceof Error ? error.message : String(error);
    throw new CommandError(`the configuration cannot be read: ${problem}`, `make ${directory.configFile} a file that this user may read`, {
      cause: error,
      exitCode: 2,
    });
  }
}

/** The configuration of a data directory; undefined where there is none yet. Throws a `CommandError` that names each problem's line. */
export function loadConfig(directory: DataDirectory): Config | undefined {
  const text = readConfigFile(directory);
  if (text === undefined) return undefined;
  const result = readConfig(text);
  if (result.ok) return result.config;
  const [first] = result.problems;
  const places = result.problems.map(
    ({ line, column, message, remedy }) => `${directory.configFile}:${line}:${column}: ${message} (${remedy})`,
  );
  throw new CommandError(`the configuration is not usable:\n${places.join('\n')}`, `mend line ${first?.line ?? 1}, then: mox config check`);
}

/** Writes the configuration of a first run, readable by this user alone, and gives what it says. */
export function writeNewConfig(directory: DataDirectory, choices: NewConfig): Config {
  writeFileSync(directory.configFile, newConfigText(choices), { mode: 0o600, flag: 'wx' });
  const config = loadConfig(directory);
  if (!config) throw new TypeError('the configuration just written is gone');
  return config;
}
