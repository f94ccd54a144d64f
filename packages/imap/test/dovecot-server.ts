// dovecot on a port of its own below a folder of its own, for tests.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether dovecot is installed and can be run: it wants root. */
export const dovecotAvailable: boolean =
  process.getuid?.() === 0 && ['/usr/sbin/dovecot', '/usr/lib/dovecot/imap'].every((path) => existsSync(path));

/** dovecot that runs; any user may log in with the password `secret`. */
export interface DovecotServer {
  readonly port: number;
  stop(): Promise<void>;
}

function configuration(folder: string, port: number): string {
  return `base_dir = ${folder}/run
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = sdbox:${folder}/mail/%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
auth_mechanisms = plain scram-sha-256
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/mail/%n allow_all_users=yes
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Whether somebody listens on a port. */
async function isOpen(port: number): Promise<boolean> {
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
export async function startDovecot(): Promise<DovecotServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mox-dovecot-'));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'mail'));
  const { uid, gid } = statSync('/var/mail');
  chownSync(join(folder, 'mail'), uid, gid);
  chmodSync(join(folder, 'mail'), 0o777);
  const port = await freePort();
  writeFileSync(join(folder, 'dovecot.conf'), configuration(folder, port));
  const dovecot: ChildProcess = spawn('/usr/sbin/dovecot', ['-F', '-c', join(folder, 'dovecot.conf')], { stdio: 'ignore' });
  for (let i = 0; i < 100 && !(await isOpen(port)); i++) await sleep(50);
  return {
    port,
    async stop() {
      dovecot.kill();
      await once(dovecot, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
