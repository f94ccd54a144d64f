import type { DataDirectory } from './config/data-directory.ts';
import type { Config } from './config/schema.ts';
import { portOf, type Service, services } from './services.ts';

function service(name: Service['name'], config: Config): number {
  const found = services.find((candidate) => candidate.name === name);
  return found ? portOf(found, config) : 0;
}

/** What a user sees first: the account, the ports, and lines to copy that send and read a message. */
export function formatBanner(config: Config, directory: DataDirectory): string {
  const { name, password } = config.account;
  const port = (of: Service['name']): number => service(of, config);
  return `
mox is running on this machine alone.

  account    ${name}
  password   ${password}
  SMTP       localhost:${port('smtp')} takes mail for any address; STARTTLS
  submission localhost:${port('submission')} STARTTLS, localhost:${port('submissions')} TLS
  IMAP       localhost:${port('imap')} STARTTLS, localhost:${port('imaps')} TLS
  data       ${directory.path}

Send a first message, by either of these:

  swaks --server localhost:${port('smtp')} --from you@example.org --to ${name}
  printf 'Subject: hello\\r\\n\\r\\nFirst message.\\r\\n' | curl smtp://localhost:${port('smtp')} --mail-from you@example.org --mail-rcpt ${name} -T -

Read it:

  curl -k 'imaps://localhost:${port('imaps')}/INBOX;MAILINDEX=1' -u ${name}:${password}
  mutt -f 'imaps://${encodeURIComponent(name)}@localhost:${port('imaps')}/INBOX'

Why was it taken?

  ${command()} why ${name} --dir ${shellWord(directory.path)}

Stop with Ctrl-C; mail is kept for the next start.
`;
}

/** How the user runs `mox`: whoever started it without installing it says so. */
function command(): string {
  return process.env['MOX_COMMAND'] ?? 'mox';
}

/** A word as a shell reads it. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
