// What happens to a message whose content is here: judged, delivered, answered.
import { formatReplyLine, isPositive, type SmtpContent, type SmtpMode, type SmtpReply, smtpReply } from '@mox/smtp';
import type { Decision, StagedBlob } from '@mox/store';
import { decideMessage, decideRecipient, type MessagePolicy } from './decide.ts';
import { type Delivery, type DeliveryResult, type Place, replyForFault } from './delivery.ts';
import type { Evidence } from './evidence.ts';
import type { FullMailboxes } from './full-mailboxes.ts';
import type { Journal } from './journal.ts';
import type { InboundContext } from './options.ts';
import { roomOf } from './room.ts';
import { asksForSuccessReport, deliverSuccessReport } from './success-report.ts';
import type { InboundTransaction } from './transaction.ts';
import type { Verdict } from './verdict.ts';

/** What the connections of one service share. */
export interface Shared {
  readonly context: InboundContext;
  readonly delivery: Delivery;
  readonly fullMailboxes: FullMailboxes;
}

/** What a client is told: one reply, or in LMTP one for each recipient. */
export type Answer = SmtpReply | readonly SmtpReply[];

/** A message on its way into the store. */
interface Staged {
  readonly transaction: InboundTransaction;
  readonly evidence: Evidence;
  readonly blob: StagedBlob;
  /** Why it is taken, and where it goes. */
  readonly verdict: Accepted;
}

type Accepted = Extract<Verdict, { readonly action: 'accept' }>;

const localError = smtpReply(451, '4.3.0', 'Local error, try again later');

/** Takes messages in, for one connection. */
export class Acceptance {
  readonly #shared: Shared;
  readonly #mode: SmtpMode;
  readonly #journal: Journal;
  readonly #policy: MessagePolicy;

  constructor(shared: Shared, mode: SmtpMode, journal: Journal) {
    const dmarc = shared.context.authentication?.dmarc;
    this.#policy = dmarc ? { dmarc } : {};
    this.#shared = shared;
    this.#mode = mode;
    this.#journal = journal;
  }

  /** Judges a message and delivers it. When the answer is positive, the message would survive a power cut. */
  async accept(transaction: InboundTransaction, content: SmtpContent): Promise<Answer> {
    const blob = await this.#finish(transaction);
    if (!blob) {
      const reply = transaction.fault ?? localError;
      const reason = 'a fault of this machine while the message came in';
      this.#journal.record(transaction.decision({ outcome: 'failed', reply, reason }, content));
      return reply;
    }
    try {
      const evidence = await transaction.gatherEvidence(content);
      const verdict = decideMessage(evidence, this.#policy);
      if (verdict.action === 'accept') return await this.#deliver({ transaction, evidence, blob, verdict });
      this.#journal.record(transaction.decision({ outcome: 'refused', ...verdict }, content));
      this.#journal.refused('message refused', verdict, transaction.names);
      return verdict.reply;
    } finally {
      // The client does not wait for that.
      blob.release().catch((error: unknown) => this.#journal.fault('releasing a message failed', error));
    }
  }

  /** The blob of the message; undefined where this machine could not keep it. */
  async #finish(transaction: InboundTransaction): Promise<StagedBlob | undefined> {
    if (!transaction.fault) {
      try {
        return await transaction.finish();
      } catch (error) {
        this.#journal.fault('keeping a message failed', error);
        transaction.fault = replyForFault(error);
      }
    }
    await transaction.abort();
    return undefined;
  }

  async #deliver({ transaction, evidence, blob, verdict }: Staged): Promise<Answer> {
    const { content } = evidence.message;
    const full = this.#mode === 'lmtp' ? undefined : await this.#fullMailbox(transaction, blob.sizeBytes);
    if (full) {
      this.#journal.record(transaction.decision({ outcome: 'refused', reply: full, reason: 'an account is over its quota' }, content));
      return full;
    }
    const accepted = smtpReply(250, '2.0.0', `${transaction.id} message accepted`);
    const { reason } = verdict;
    const place: Place = verdict.place ?? 'inbox';
    const paths = await this.#shared.delivery.paths(transaction.accountIds, place);
    const deliveries = transaction.recipients.flatMap(({ address, accountId }) =>
      accountId === undefined ? [] : { recipient: address, accountId, mailbox: paths.get(accountId) ?? 'INBOX' },
    );
    const decision = transaction.decision({ outcome: 'delivered', reply: accepted, reason, deliveries }, content);
    const message = { blob, receivedAt: transaction.startedAt, decision, place };
    const results = await this.#shared.delivery.deliver(transaction.accountIds, message);
    this.#keep(decision, results);
    if (asksForSuccessReport(transaction.envelope)) await this.#report(transaction, decision, results);
    return this.#answer(transaction, accepted, results);
  }

  /** The reply where an account has no room: nothing is delivered then, so that nobody gets the message again with every attempt. */
  async #fullMailbox(transaction: InboundTransaction, sizeBytes: number): Promise<SmtpReply | undefined> {
    for (const recipient of transaction.recipients) {
      if (recipient.accountId === undefined || recipient.roomBytes === undefined) continue;
      const roomBytes = await roomOf(this.#shared.context.store, recipient.accountId);
      const verdict = decideRecipient({ ...recipient, ...(roomBytes === undefined ? {} : { roomBytes }) }, sizeBytes);
      if (verdict.action !== 'refuse') continue;
      this.#shared.fullMailboxes.note(recipient.accountId, sizeBytes);
      this.#journal.refused('message refused', verdict, { ...transaction.names, recipient: recipient.address });
      return verdict.reply;
    }
    return undefined;
  }

  /** Reports success to a sender who asked for that and has an account here. A fault of that does not undo the delivery. */
  async #report(transaction: InboundTransaction, decision: Decision, results: readonly DeliveryResult[]): Promise<void> {
    const { envelope, senderAddress: sender, writer } = transaction;
    const { accountId } = transaction.sender;
    // todo RFC 3461 §5.2.3: reports to senders elsewhere, once mail goes out.
    if (!envelope || !sender || !writer || accountId === undefined) return;
    const taken = new Set(results.flatMap((result) => (result.ok ? result.accountId : [])));
    const delivered = new Set(transaction.recipients.flatMap((to) => (taken.has(to.accountId ?? '') ? to.address : [])));
    const messageId = writer.header.messageId?.replace(/^\s*<|>\s*$/g, '');
    try {
      const { context, delivery } = this.#shared;
      const message = { sender, accountId, envelope, delivered, header: writer.section, decision };
      const result = await deliverSuccessReport(context, delivery, { ...message, ...(messageId === undefined ? {} : { messageId }) });
      if (result && !result.ok)
        this.#journal.refused('report of success lost', { reply: result.reply, reason: result.problem }, transaction.names);
    } catch (error) {
      this.#journal.fault('reporting success failed', error);
    }
  }

  #answer(transaction: InboundTransaction, accepted: SmtpReply, results: readonly DeliveryResult[]): Answer {
    const byAccount = new Map(results.map((result) => [result.accountId, result]));
    const answers = transaction.recipients.map(({ accountId = '' }) => {
      const result = byAccount.get(accountId);
      return result?.ok ? accepted : (result?.reply ?? localError);
    });
    if (this.#mode === 'lmtp') return answers;
    // deviates RFC 5321 §4.4: where one account of several fails, the client is asked to come again, and those that have the message
    // get it twice: rather that than a report to a sender who may be forged. In LMTP each recipient has a reply of its own.
    return answers.find((answer) => !isPositive(answer)) ?? accepted;
  }

  /** Records and logs what became of the message in each account. */
  #keep(decision: Decision, results: readonly DeliveryResult[]): void {
    const byAccount = new Map(results.map((result) => [result.accountId, result]));
    const deliveries = decision.deliveries.flatMap((delivery) => {
      const result = byAccount.get(delivery.accountId);
      return result?.ok ? { ...delivery, emailId: result.added.emailId } : [];
    });
    const failure = results.find((result) => !result.ok);
    const failed = failure && { outcome: 'failed' as const, reply: formatReplyLine(failure.reply), reason: failure.problem };
    this.#journal.record({ ...decision, deliveries, ...failed });
    for (const result of results) {
      const fields = {
        transaction: decision.id,
        sender: decision.envelope?.sender,
        account: result.accountId,
        size: decision.message?.sizeBytes,
      };
      if (result.ok) this.#journal.info('message delivered', { ...fields, email: result.added.emailId });
      else this.#journal.refused('delivery failed', { reply: result.reply, reason: result.problem }, fields);
    }
  }
}
