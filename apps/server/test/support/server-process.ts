// The built server as a child process, with a data directory of its own and ports that are free.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const fromSource = process.env['MOX_TEST_FROM_SOURCE'] !== undefined;
/** Words that start the program, before those of its command line. */
export const moxCommand: readonly string[] = fromSource
  ? ['--conditions=@mox/source', '--disable-warning=ExperimentalWarning', join(root, 'apps/server/src/main.ts')]
  : ['--disable-warning=ExperimentalWarning', join(root, 'apps/server/dist/main.js')];

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Builds what is not up to date, one test file at a time. */
export async function ensureBuilt(): Promise<void> {
  if (fromSource) return;
  const lock = join(tmpdir(), `mox-build-${Buffer.from(root).toString('base64url').slice(-40)}.lock`);
  for (;;) {
    try {
      const file = openSync(lock, 'wx');
      writeFileSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch {
      const holder = Number(safeRead(lock));
      if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true });
      else await sleep(200);
    }
  }
  try {
    execFileSync(process.execPath, [join(root, 'tools/build.ts')], { stdio: ['ignore', 'ignore', 'pipe'], cwd: root });
  } finally {
    rmSync(lock, { force: true });
  }
}

function safeRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** A port offset at which all ports of the services are free. Below the range that the system gives to outgoing connections. */
export async function freePortOffset(): Promise<number> {
  for (;;) {
    const offset = 2_000 + Math.floor(Math.random() * 29_000);
    const free = await Promise.all([25, 143, 465, 587, 993].map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
}

/** Settings of `mox.yaml` that a test wants different. */
export type ConfigChange = Readonly<Record<string, unknown>>;

export interface StartOptions {
  /** A directory of an earlier run; without it a new one, removed at the end. */
  readonly directory?: string;
  readonly config?: ConfigChange;
  /** Further words of the command line. */
  readonly words?: readonly string[];
  readonly nodeOptions?: readonly string[];
  readonly portOffset?: number;
}

/** A server that runs for a test. */
export interface ServerProcess {
  readonly directory: string;
  readonly pid: number;
  readonly child: ChildProcess;
  readonly ports: {
    readonly smtp: number;
    readonly submission: number;
    readonly submissions: number;
    readonly imap: number;
    readonly imaps: number;
  };
  readonly user: string;
  readonly password: string;
  readonly portOffset: number;
  /** What it printed. */
  readonly output: () => string;
  /** What it logged. */
  readonly log: () => string;
  /** Stops it as an operator would; gives the exit code. */
  stop(): Promise<number | null>;
  /** Ends it without warning. */
  kill(): Promise<void>;
  /** Resident memory in bytes. */
  residentBytes(): number;
}

function changeConfig(directory: string, change: ConfigChange): void {
  const file = join(directory, 'mox.yaml');
  const config = parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  for (const [name, value] of Object.entries(change)) {
    const old = config[name];
    config[name] = typeof value === 'object' && typeof old === 'object' && !Array.isArray(value) ? { ...old, ...value } : value;
  }
  writeFileSync(file, stringify(config), { mode: 0o600 });
}

const defaultConfig = (portOffset: number): string =>
  stringify({
    hostname: 'localhost',
    account: { name: 'mox@localhost', password: 'test-password' },
    addresses: ['127.0.0.1'],
    portOffset,
  });

/** A new data directory with a configuration. */
export function newDirectory(portOffset: number, change: ConfigChange = {}, parent: string = tmpdir()): string {
  const directory = mkdtempSync(join(parent, 'mox-test-'));
  writeFileSync(join(directory, 'mox.yaml'), defaultConfig(portOffset), { mode: 0o600 });
  changeConfig(directory, change);
  return directory;
}

/** Starts the server and waits until it says that it is there. */
export async function startServer(options: StartOptions = {}): Promise<ServerProcess> {
  const portOffset = options.portOffset ?? (await freePortOffset());
  const directory = options.directory ?? newDirectory(portOffset, options.config);
  const words = ['localserve', '--dir', directory, '--port-offset', String(portOffset), ...(options.words ?? [])];
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), ...moxCommand, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    if (process.env['MOX_TEST_LOG']) process.stderr.write(text);
  });
  const exited = once(child, 'exit');
  const deadline = Date.now() + 60_000;
  while (!output.includes('Stop with Ctrl-C')) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the server did not start:\n${output}\n${log}`);
    }
    await sleep(5);
  }
  const config = parse(readFileSync(join(directory, 'mox.yaml'), 'utf8')) as { account: { name: string; password: string } };
  const clean = (): void => {
    if (!options.directory) rmSync(directory, { recursive: true, force: true });
  };
  return {
    directory,
    child,
    pid: child.pid ?? 0,
    portOffset,
    ports: {
      smtp: 25 + portOffset,
      submission: 587 + portOffset,
      submissions: 465 + portOffset,
      imap: 143 + portOffset,
      imaps: 993 + portOffset,
    },
    user: config.account.name,
    password: config.account.password,
    output: () => output,
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      clean();
      return child.exitCode;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    residentBytes() {
      const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
      return Number(line?.[1]) * 1024;
    },
  };
}
