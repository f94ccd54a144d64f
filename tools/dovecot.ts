// dovecot below a folder of its own, for tests: what it is to be the test says by its configuration.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const dovecotProgram = '/usr/sbin/dovecot';

/** Whether dovecot with its IMAP server is installed and can be run: it wants root. */
export const dovecotAvailable: boolean =
  process.getuid?.() === 0 && [dovecotProgram, '/usr/lib/dovecot/imap', '/usr/lib/dovecot/imap-login'].every((path) => existsSync(path));

/** Where a configuration is to keep things and to listen. */
export interface DovecotPlace {
  /** For its own files; mail belongs below `mail` in it, which the user `mail` may write to. */
  readonly folder: string;
  /** Where it greets clients in the clear. */
  readonly port: number;
  readonly tlsPort: number;
}

/** dovecot that runs. */
export interface DovecotServer {
  readonly port: number;
  readonly tlsPort: number;
  /** The file `log` of the folder. */
  log(): string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether somebody listens on a port, and greets. */
async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'data');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function makeFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mox-dovecot-'));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'mail'));
  const { uid, gid } = statSync('/var/mail');
  chownSync(join(folder, 'mail'), uid, gid);
  chmodSync(join(folder, 'mail'), 0o777);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Starts it with further files in its folder; resolves when it greets. */
export async function startDovecot(
  configure: (place: DovecotPlace) => string,
  files: Readonly<Record<string, string>> = {},
): Promise<DovecotServer> {
  const folder = makeFolder(files);
  const [port, tlsPort] = [await freePort(), await freePort()];
  const configuration = join(folder, 'dovecot.conf');
  writeFileSync(configuration, configure({ folder, port, tlsPort }));
  const dovecot: ChildProcess = spawn(dovecotProgram, ['-F', '-c', configuration], { stdio: 'ignore' });
  const exited = once(dovecot, 'exit');
  for (let i = 0; i < 200 && !(await greets(port)); i++) await sleep(50);
  return {
    port,
    tlsPort,
    log: () => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : ''),
    async stop() {
      dovecot.kill();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
