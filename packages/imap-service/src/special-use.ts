import type { MailboxRole } from '@mox/store';

const attributes: Readonly<Record<Exclude<MailboxRole, 'inbox'>, string>> = {
  all: '\\All',
  archive: '\\Archive',
  drafts: '\\Drafts',
  flagged: '\\Flagged',
  important: '\\Important',
  junk: '\\Junk',
  sent: '\\Sent',
  trash: '\\Trash',
};

/** The attribute that LIST shows for what a mailbox is for (RFC 6154 §2, RFC 8457 §3). */
export function specialUseAttribute(role: MailboxRole | undefined): string | undefined {
  return role === undefined || role === 'inbox' ? undefined : attributes[role];
}

/** What a mailbox is for, by its attribute in any case. */
export function roleOfAttribute(attribute: string): MailboxRole | undefined {
  const lower = attribute.toLowerCase();
  return (Object.keys(attributes) as (keyof typeof attributes)[]).find((role) => attributes[role].toLowerCase() === lower);
}
