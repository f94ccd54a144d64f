// Postfix delivering by LMTP into dovecot, with a configuration of their own under a folder, on high ports of
// loopback: what this machine does with well-known servers, measured in the same run. Needs root.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Well-known servers that run for a benchmark. */
export interface ReferenceServers {
  readonly smtpPort: number;
  readonly imapPort: number;
  readonly address: string;
  readonly user: string;
  readonly password: string;
  stop(): void;
}

function id(kind: 'u' | 'g', name: string): number {
  return Number(execFileSync('id', [`-${kind}`, name], { encoding: 'utf8' }));
}

function postfixMain(folder: string): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/postfix/queue
data_directory = ${folder}/postfix/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = bench.localhost
mydestination =
virtual_mailbox_domains = bench.localhost
virtual_transport = lmtp:unix:${folder}/dovecot/lmtp
mynetworks = 127.0.0.0/8
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_peername_lookup = no
lmtp_destination_concurrency_limit = 50
default_process_limit = 100
maillog_file = ${folder}/postfix/log
maillog_file_prefixes = ${folder}
message_size_limit = 209715200
virtual_mailbox_limit = 0
mailbox_size_limit = 0
`;
}

function postfixMaster(port: number): string {
  const rows = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    ...['pickup:60:1', 'flush:1000?:0']
      .map((row) => row.split(':'))
      .map(([name, wake, most]) => `${name} unix n - n ${wake} ${most} ${name}`),
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    ...['bounce', 'defer', 'trace'].map((name) => `${name} unix - - n - 0 bounce`),
    'verify unix - - n - 1 verify',
    'proxymap unix - - n - - proxymap',
    'lmtp unix - - n - - lmtp',
    'smtp unix - - n - - smtp',
    ...['retry', 'error'].map((name) => `${name} unix - - n - - error`),
    'anvil unix - - n - 1 anvil',
    'postlog unix-dgram n - n - 1 postlogd',
  ];
  return `${rows.join('\n')}\n`;
}

function dovecotConf(folder: string, port: number): string {
  return `base_dir = ${folder}/dovecot/run
log_path = ${folder}/dovecot/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:${folder}/dovecot/mail/%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
auth_mechanisms = plain
auth_username_format = %Ln
mail_max_userip_connections = 5000
passdb {
  driver = static
  args = password=bench
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/dovecot/mail/%n allow_all_users=yes
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
  service_count = 0
  client_limit = 4000
  process_min_avail = 1
}
service imap {
  process_limit = 2000
}
service anvil {
  client_limit = 6000
}
service auth {
  client_limit = 6000
}
service lmtp {
  process_limit = 100
  unix_listener ${folder}/dovecot/lmtp {
    mode = 0666
  }
}
`;
}

/** Why the servers cannot be run here, or undefined where they can. */
export function referenceServersProblem(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may run them';
  for (const program of ['/usr/sbin/postfix', '/usr/sbin/dovecot']) if (!existsSync(program)) return `${program} is not installed`;
  return undefined;
}

/** Starts them with everything they keep below a new folder. */
export function startReferenceServers(folder: string, ports: { readonly smtp: number; readonly imap: number }): ReferenceServers {
  for (const part of ['postfix/etc', 'postfix/queue', 'postfix/data', 'dovecot/run', 'dovecot/mail']) {
    mkdirSync(join(folder, part), { recursive: true, mode: 0o755 });
  }
  chmodSync(folder, 0o755);
  chownSync(join(folder, 'postfix/data'), id('u', 'postfix'), id('g', 'postfix'));
  chownSync(join(folder, 'dovecot/mail'), id('u', 'mail'), id('g', 'mail'));
  writeFileSync(join(folder, 'postfix/etc/main.cf'), postfixMain(folder));
  writeFileSync(join(folder, 'postfix/etc/master.cf'), postfixMaster(ports.smtp));
  const conf = join(folder, 'dovecot/dovecot.conf');
  writeFileSync(conf, dovecotConf(folder, ports.imap));
  execFileSync('/usr/sbin/dovecot', ['-c', conf], { stdio: ['ignore', 'ignore', 'inherit'] });
  const started = spawnSync('/usr/sbin/postfix', ['-c', join(folder, 'postfix/etc'), 'start'], { encoding: 'utf8' });
  if (started.status !== 0) throw new Error(`postfix did not start: ${started.stderr}`);
  return {
    smtpPort: ports.smtp,
    imapPort: ports.imap,
    address: 'bench@bench.localhost',
    user: 'bench',
    password: 'bench',
    stop() {
      spawnSync('/usr/sbin/postfix', ['-c', join(folder, 'postfix/etc'), 'stop'], { stdio: 'ignore' });
      spawnSync('/usr/bin/doveadm', ['-c', conf, 'stop'], { stdio: 'ignore' });
    },
  };
}
