import type { CreateCommand } from '@mox/imap';
import type { MailboxRole } from '@mox/store';
import type { CommandHandler } from '../handler.ts';
import { completed, refused } from '../imap-connection.ts';
import { roleOfAttribute } from '../special-use.ts';
import { mailboxReply } from '../store-reply.ts';

/** The roles that CREATE may give (RFC 6154 §3): `\All`, `\Flagged` and the like would be made up of other mailboxes. */
const creatable: ReadonlySet<MailboxRole> = new Set(['archive', 'drafts', 'junk', 'sent', 'trash'] as const);

/** CREATE (RFC 9051 §6.3.4). */
export const create: CommandHandler<CreateCommand> = {
  name: 'CREATE',
  async run({ account }, { mailbox, specialUse = [] }) {
    const roles = specialUse.map(roleOfAttribute);
    const [role] = roles;
    if (roles.length > 1 || roles.some((one) => one === undefined || !creatable.has(one))) {
      return refused('USEATTR', 'A mailbox cannot be made for this use');
    }
    // RFC 9051 §6.3.4: a trailing delimiter only says that there will be mailboxes below
    const path = mailbox.endsWith('/') ? mailbox.slice(0, -1) : mailbox;
    const made = await account.createMailbox(path, role === undefined ? {} : { role });
    // RFC 8474 §4.1: MAILBOXID
    return made.ok ? completed('CREATE', `MAILBOXID (${made.mailbox.id})`) : mailboxReply(made.problem);
  },
};
