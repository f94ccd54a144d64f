// Policy: pure functions from evidence to verdict. The same evidence always gets the same verdict.
import { type SmtpReply, smtpReply } from '@mox/smtp';
import { type DmarcEnforcement, decideDmarc } from './decide-dmarc.ts';
import type { Evidence, RecipientEvidence, SenderEvidence, SessionEvidence } from './evidence.ts';
import type { Verdict } from './verdict.ts';

/** Most Received fields: more of them mean a loop (RFC 5321 §6.3). */
export const mostReceived = 100;

function refuse(reply: SmtpReply, reason: string): Verdict {
  return { action: 'refuse', reply, reason };
}

/** Judges MAIL: in submission the sender's address must be the user's own (RFC 6409 §6.1). */
export function decideSender(session: SessionEvidence, sender: SenderEvidence): Verdict {
  if (session.mode !== 'submission') return { action: 'accept', reason: 'any sender may send to local recipients' };
  if (!session.login) return refuse(smtpReply(530, '5.7.0', 'Authentication required'), 'submission without login');
  if (sender.address === '') return { action: 'accept', reason: 'the null sender belongs to nobody' };
  if (sender.accountId === session.login.accountId) return { action: 'accept', reason: 'the sender is an address of the account' };
  return refuse(
    smtpReply(550, '5.7.1', 'This sender address is not yours'),
    `the sender is no address of account ${session.login.accountId}`,
  );
}

/** Judges RCPT: the mailbox must be here and have room (RFC 5321 §3.3, RFC 1870 §6.4). */
export function decideRecipient(recipient: RecipientEvidence, messageBytes: number | undefined): Verdict {
  if (recipient.accountId === undefined) {
    return refuse(smtpReply(550, '5.1.1', 'No such mailbox here'), 'the address leads to no account');
  }
  if (recipient.roomBytes !== undefined && (messageBytes ?? 1) > recipient.roomBytes) {
    return refuse(smtpReply(452, '4.2.2', 'The mailbox is full, try again later'), 'the account is over its quota');
  }
  return { action: 'accept', reason: 'the address leads to an account' };
}

/** The operator's choices that messages are judged by. */
export interface MessagePolicy {
  /** `reject` unless told. */
  readonly dmarc?: DmarcEnforcement;
}

/** Judges the whole message. */
export function decideMessage(evidence: Evidence, policy: MessagePolicy = {}): Verdict {
  const { session, message } = evidence;
  if (message.headerTooLarge) {
    return refuse(smtpReply(554, '5.6.0', 'The header section of the message is too large'), 'the header section is larger than the limit');
  }
  if (message.header.received > mostReceived) {
    return refuse(
      smtpReply(554, '5.4.6', 'The message goes round in circles'),
      `more than ${mostReceived} Received fields (RFC 5321 section 6.3)`,
    );
  }
  if (session.mode === 'submission') {
    const foreign = message.authors.find(({ accountId }) => accountId !== session.login?.accountId);
    if (foreign) {
      return refuse(
        smtpReply(550, '5.7.1', 'The address in From is not yours'),
        `From has an address that is none of account ${session.login?.accountId}`,
      );
    }
    return { action: 'accept', reason: 'a logged-in user sends from an own address' };
  }
  const fallback: Verdict = { action: 'accept', reason: 'mail to local recipients, nothing found against it' };
  return decideDmarc(message, policy.dmarc ?? 'reject') ?? fallback;
}
