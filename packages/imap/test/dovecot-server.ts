// dovecot as an IMAP server that any user may log in to with the password `secret`, for tests.
import { type DovecotPlace, type DovecotServer, startDovecot } from '../../../tools/dovecot.ts';

function configuration({ folder, port }: DovecotPlace): string {
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

/** Starts it; resolves when it greets. */
export function startDovecotImap(): Promise<DovecotServer> {
  return startDovecot(configuration);
}
