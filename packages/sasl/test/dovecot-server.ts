// dovecot for tests of logging in: as a server that clients log in to, or as a proxy that logs in itself.
import { execFileSync } from 'node:child_process';
import { type DovecotPlace, type DovecotServer, dovecotAvailable, dovecotProgram, startDovecot } from '../../../tools/dovecot.ts';

/** Whether this dovecot, if there is one, binds channels: 2.4 does. */
export const dovecotBindsChannels: boolean =
  dovecotAvailable && !/^(?:[01]|2\.[0-3])\./.test(execFileSync(dovecotProgram, ['--version'], { encoding: 'utf8' }));

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

const common = ({ folder, port, tlsPort }: DovecotPlace): string => `base_dir = ${folder}/run
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

/** Starts it; resolves when it greets. */
export function startDovecotLogin({ settings, key, certificate, clientCa, files }: DovecotOptions): Promise<DovecotServer> {
  return startDovecot((place) => `${common(place)}${settings.replaceAll('$FOLDER', place.folder)}`, {
    'key.pem': key,
    'cert.pem': certificate,
    'ca.pem': clientCa,
    ...files,
  });
}
