import type { TaggedReply } from '@mox/imap';
import { type MailboxProblem, StoreError, type StoreErrorCode } from '@mox/store';

const problems: Readonly<Record<MailboxProblem, TaggedReply>> = {
  'no-such-mailbox': { status: 'NO', code: 'NONEXISTENT', text: 'There is no such mailbox' },
  'name-taken': { status: 'NO', code: 'ALREADYEXISTS', text: 'A mailbox of this name exists already' },
  'invalid-name': { status: 'NO', code: 'CANNOT', text: 'A mailbox cannot have this name' },
  'has-children': { status: 'NO', code: 'HASCHILDREN', text: 'The mailbox has mailboxes below it' },
  'is-inbox': { status: 'NO', code: 'CANNOT', text: 'This cannot be done to INBOX' },
  'too-many': { status: 'NO', code: 'LIMIT', text: 'There are too many mailboxes' },
  'into-itself': { status: 'NO', code: 'CANNOT', text: 'A mailbox cannot be moved below itself' },
  'role-taken': { status: 'NO', code: 'USEATTR', text: 'Another mailbox has this use already' },
};

/** Why a mailbox could not be made, renamed or deleted, in the response codes of RFC 9051 §7.1 and RFC 6154 §3. */
export function mailboxReply(problem: MailboxProblem): TaggedReply {
  return problems[problem];
}

const faults: Partial<Record<StoreErrorCode, TaggedReply>> = {
  'disk-full': { status: 'NO', code: 'UNAVAILABLE', text: 'The disk of the server is full; nothing was changed' },
  damaged: { status: 'NO', code: 'CORRUPTION', text: 'The mail of this account is damaged; the operator must look at it' },
  'read-only': { status: 'NO', code: 'NOPERM', text: 'The server is open for reading only' },
};

/** What a client is told of a fault of this machine (RFC 9051 §7.1). The detail is for the log. */
export function faultReply(error: unknown): TaggedReply {
  if (!(error instanceof StoreError))
    return { status: 'NO', code: 'SERVERBUG', text: 'The server failed; its operator will find the reason in the log' };
  return faults[error.code] ?? { status: 'NO', code: 'UNAVAILABLE', text: 'The mail store is not available now; try again later' };
}
