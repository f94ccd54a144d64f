// dovecot on a port of its own below a folder of its own, for tests: as a server that clients log in to, or as a proxy that logs in itself.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const program = '/usr/sbin/dovecot';

/** Whether dovecot is installed and can be run: it wants root. */
export const dovecotAvailable: boolean =
  process.getuid?.() === 0 && [program, '/usr/lib/dovecot/imap-login'].every((path) => existsSync(path));

/** Whether this dovecot, if there is one, binds channels: 2.4 does. */
export const dovecotBindsChannels: boolean =
  dovecotAvailable && !/^(?:[01]|2\.[0-3])\./.test(execFileSync(program, ['--version'], { encoding: 'utf8' }));

/** What dovecot is to be. */
export interface DovecotOptions {
  /** `passdb` blocks, settings of the login, as dovecot.conf has them. */
  readonly settings: string;
  readonly key: string;
  readonly certificate: string;
  /** Certificates of clients that are believed. */
  readonly clientCa: string;
  /** Further files, by name, that the settings name as `$FOLDER/<name>`. */
  readonly files?: Readonly<Record<string, string>>;
}

/** dovecot that runs. */
export interface DovecotServer {
  readonly port: number;
  readonly tlsPort: number;
  log(): string;
  stop(): Promise<void>;
}

const common = (folder: string, port: number, tlsPort: number): string => `base_dir = ${folder}/run
log_path = ${folder}/log
auth_verbose = yes
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
ssl_ca = <${folder}/ca.pem
ssl_verify_client_cert = yes
ssl_require_crl = no
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = sdbox:${folder}/mail/%n
first_valid_uid = 1
first_valid_gid = 1
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/mail/%n allow_all_users=yes
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
`;

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

/** Starts it; resolves when it greets. */
export async function startDovecot(options: DovecotOptions): Promise<DovecotServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mox-sasl-dovecot-'));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'mail'));
  chmodSync(join(folder, 'mail'), 0o777);
  const [port, tlsPort] = [await freePort(), await freePort()];
  const files = { 'key.pem': options.key, 'cert.pem': options.certificate, 'ca.pem': options.clientCa, ...options.files };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const configuration = join(folder, 'dovecot.conf');
  writeFileSync(configuration, `${common(folder, port, tlsPort)}${options.settings.replaceAll('$FOLDER', folder)}`);
  const dovecot: ChildProcess = spawn(program, ['-F', '-c', configuration], { stdio: 'ignore' });
  const exited = once(dovecot, 'exit');
  const log = (): string => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '');
  for (let i = 0; i < 200 && !(await greets(port)); i++) await sleep(50);
  return {
    port,
    tlsPort,
    log,
    async stop() {
      dovecot.kill();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
