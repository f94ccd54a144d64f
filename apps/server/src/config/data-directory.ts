import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CommandError } from '../cli/command-error.ts';

/** Where this user's programs keep data, by platform. */
const userDataDirectories: Readonly<Record<string, () => string>> = {
  darwin: () => join(homedir(), 'Library', 'Application Support'),
  win32: () => process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'),
};

function userDataDirectory(): string {
  const own = userDataDirectories[process.platform];
  return own ? own() : process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
}

/** Everything a server keeps, by place. */
export interface DataDirectory {
  readonly path: string;
  readonly configFile: string;
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  readonly decoyKeyFile: string;
  readonly store: string;
}

/** The data directory: the one given, or `mox` where this user's programs keep data. */
export function dataDirectory(given?: string): DataDirectory {
  const path = resolve(given ?? join(userDataDirectory(), 'mox'));
  return {
    path,
    configFile: join(path, 'mox.yaml'),
    certificateFile: join(path, 'tls', 'certificate.pem'),
    privateKeyFile: join(path, 'tls', 'private-key.pem'),
    decoyKeyFile: join(path, 'tls', 'decoy.key'),
    store: join(path, 'store'),
  };
}

/** Makes the directory where it is not there yet, readable by this user alone. */
export function makeDataDirectory(directory: DataDirectory): void {
  try {
    for (const path of [directory.path, join(directory.path, 'tls'), directory.store]) mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `the data directory cannot be made: ${problem}`,
      'name one that this user may write to: mox localserve --dir DIRECTORY',
      {
        cause: error,
      },
    );
  }
}
