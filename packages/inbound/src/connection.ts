import { canonicalAddress } from '@mox/address';
import type { SaslAnswer } from '@mox/sasl';
import { formatReplyLine, isPositive, type SmtpReply, type SmtpServerEvent, SmtpServerSession, sizeParameter, smtpReply } from '@mox/smtp';
import type { AccountInfo, Decision, StagedBlob } from '@mox/store';
import { decideMessage, decideRecipient, decideSender, type Verdict } from './decide.ts';
import { type Delivery, type DeliveryResult, replyForFault } from './delivery.ts';
import type { Evidence, RecipientEvidence, SessionEvidence } from './evidence.ts';
import type { FullMailboxes } from './full-mailboxes.ts';
import type { MessageWriter } from './message-writer.ts';
import type { InboundConnection, InboundContext, InboundListener } from './options.ts';
import { InboundTransaction, senderEvidence } from './transaction.ts';

type Event<Type extends SmtpServerEvent['type']> = Extract<SmtpServerEvent, { readonly type: Type }>;
type Handlers = { readonly [Type in SmtpServerEvent['type']]?: (event: Event<Type>) => void | Promise<void> };

/** What the connections of one service share. */
export interface Shared {
  readonly context: InboundContext;
  readonly delivery: Delivery;
  readonly fullMailboxes: FullMailboxes;
}

/** The service's side of one SMTP, submission or LMTP connection: answers the events of its session. */
export class InboundSession {
  readonly session: SmtpServerSession;
  readonly #shared: Shared;
  readonly #listener: InboundListener;
  readonly #connection: InboundConnection;
  #login: SessionEvidence['login'];
  #transaction: InboundTransaction | undefined;
  #recording: Promise<unknown> = Promise.resolve();

  readonly #handlers: Handlers = {
    connect: () => this.session.answer(),
    hello: () => this.session.answer(),
    mail: (event) => this.#mail(event),
    recipient: (event) => this.#recipient(event),
    'message-start': (event) => {
      this.#transaction?.start(event.transaction);
      this.session.answer();
    },
    'message-chunk': (event) => this.#chunk(event.bytes),
    'message-end': (event) => this.#messageEnd(event),
    reset: (event) => this.#reset(event),
    lookup: async (event) => this.session.answerLookup(await this.#lookup(event)),
    authenticated: (event) => this.#authenticated(event),
    'authentication-failed': ({ mechanism, reason, authcid, problem }) =>
      this.#log('login failed', { mechanism, reason, problem, ...(authcid === undefined ? {} : { login: authcid }) }),
    refused: ({ verb, reply }) => this.#shared.context.logger.debug('command refused', { ...this.#names(), verb, reply }),
    'clear-text-discarded': ({ bytes }) => this.#log('bytes in clear text behind STARTTLS thrown away', { bytes }),
  };

  constructor(shared: Shared, listener: InboundListener, connection: InboundConnection) {
    this.#shared = shared;
    this.#listener = listener;
    this.#connection = connection;
    const { clock, hostname } = shared.context;
    this.session = new SmtpServerSession({ ...listener, clock, hostname, ...(connection.tls ? { tls: connection.tls } : {}) });
  }

  /** Handles one event; to be awaited, where there is something to await, before the next one is taken. Never rejects: faults become replies. */
  handle(event: SmtpServerEvent): void | Promise<void> {
    // The row for a type takes events of that type: TypeScript cannot follow that through the look-up.
    const handler = this.#handlers[event.type] as ((event: SmtpServerEvent) => void | Promise<void>) | undefined;
    try {
      return handler?.(event)?.catch((error: unknown) => this.#fault(event, error));
    } catch (error) {
      return this.#fault(event, error);
    }
  }

  /** The server stops. */
  shutdown(): void {
    this.session.shutdown();
  }

  /** The connection is over. */
  async close(): Promise<void> {
    await this.#transaction?.abort().catch((error: unknown) => this.#warn('throwing a message away failed', error));
    this.#transaction = undefined;
    await this.#recording;
  }

  #names(): { readonly connection: string; readonly remote: string; readonly transaction?: string } {
    const { id, remoteAddress } = this.#connection;
    return { connection: id, remote: remoteAddress, ...(this.#transaction ? { transaction: this.#transaction.id } : {}) };
  }

  #log(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#shared.context.logger.info(message, { ...this.#names(), ...fields });
  }

  #warn(message: string, error: unknown): void {
    this.#shared.context.logger.error(message, { ...this.#names(), problem: error instanceof Error ? error.message : String(error) });
  }

  #fault(event: SmtpServerEvent, error: unknown): void {
    this.#warn(`handling ${event.type} failed`, error);
    if (event.type === 'message-chunk' && this.#transaction) this.#transaction.fault = replyForFault(error);
    if (!this.session.parked) return;
    if (event.type === 'lookup') this.session.answerLookup({ type: 'temporary' });
    else this.session.answer(replyForFault(error));
  }

  get #evidence(): SessionEvidence {
    const { hello, tls } = this.session.facts;
    const { remoteAddress, localAddress } = this.#connection;
    return {
      mode: this.#listener.mode,
      remoteAddress,
      localAddress,
      ...(hello ? { hello } : {}),
      ...(tls ? { tls: { protocol: tls.protocol, cipher: tls.cipher } } : {}),
      ...(this.#login ? { login: this.#login } : {}),
    };
  }

  async #lookup({ lookup }: Event<'lookup'>): Promise<SaslAnswer> {
    return this.#shared.context.credentials(lookup);
  }

  async #authenticated({ identity }: Event<'authenticated'>): Promise<void> {
    const account = await this.#shared.context.store.accounts.findByLogin(identity.authzid);
    if (!account) return this.#warn('a user who logged in has no account', identity.authzid);
    this.#login = { accountId: account.id, name: account.name, mechanism: identity.mechanism };
    this.#log('logged in', { account: account.name, mechanism: identity.mechanism, tls: this.session.facts.tls?.protocol });
  }

  #mail(event: Event<'mail'>): void | Promise<void> {
    const { sender } = event;
    // Whose the address is matters in submission alone.
    if (!sender || this.#listener.mode !== 'submission') return this.#begin(event, undefined);
    return this.#shared.context.store.accounts.findByAddress(canonicalAddress(sender)).then((account) => this.#begin(event, account));
  }

  #begin({ sender, parameters }: Event<'mail'>, account: AccountInfo | undefined): void {
    const session = this.#evidence;
    const evidence = senderEvidence(sender, account, { declaredBytes: parameters.get(sizeParameter) });
    const transaction = new InboundTransaction(this.#shared.context, session, { evidence, address: sender });
    const verdict = decideSender(session, evidence);
    if (verdict.action === 'accept') {
      this.#transaction = transaction;
      return this.session.answer();
    }
    this.#refuse(transaction, verdict);
    this.session.answer(verdict.reply);
  }

  async #recipient({ recipient }: Event<'recipient'>): Promise<void> {
    const transaction = this.#transaction;
    if (!transaction) return this.session.answer(smtpReply(451, '4.3.0', 'Local error, try again later'));
    const address = canonicalAddress(recipient);
    const account = await this.#findRecipient(address);
    const roomBytes = account?.quotaBytes === undefined ? undefined : await this.#room(account.id);
    const evidence: RecipientEvidence = {
      address,
      ...(account ? { accountId: account.id } : {}),
      ...(roomBytes === undefined ? {} : { roomBytes }),
    };
    const wanted = transaction.sender.declaredBytes ?? (account ? this.#shared.fullMailboxes.wanted(account.id) : undefined);
    const verdict = decideRecipient(evidence, wanted);
    if (verdict.action === 'accept') {
      transaction.recipients.push(evidence);
      return this.session.answer();
    }
    transaction.refused.push({ address, reply: verdict.reply, reason: verdict.reason });
    this.#log('recipient refused', { recipient: address, reply: formatReplyLine(verdict.reply), reason: verdict.reason });
    this.session.answer(verdict.reply);
  }

  async #findRecipient(address: string): Promise<AccountInfo | undefined> {
    const { store, postmaster } = this.#shared.context;
    const account = await store.accounts.findByAddress(address);
    // RFC 5321 §4.5.1: there is always a postmaster.
    if (account || postmaster === undefined || !address.startsWith('postmaster@')) return account;
    return store.accounts.findByAddress(postmaster);
  }

  async #room(accountId: string): Promise<number | undefined> {
    const account = await this.#shared.context.store.account(accountId);
    const usage = await account?.usage();
    return usage?.quotaBytes === undefined ? undefined : Math.max(0, usage.quotaBytes - usage.sizeBytes);
  }

  #chunk(bytes: Uint8Array): void | Promise<void> {
    const transaction = this.#transaction;
    if (transaction?.writer && !transaction.fault) return transaction.writer.write(bytes);
  }

  async #reset({ reason, reply }: Event<'reset'>): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    if (!transaction) return;
    const begun = transaction.writer !== undefined;
    await transaction.abort();
    const [first] = transaction.refused;
    if (first && !begun) this.#record(transaction.decision({ outcome: 'refused', reply: first.reply, reason: first.reason }));
    // A transaction that came to nothing by itself before its content is worth no record.
    if (!begun) return;
    const told = reply ?? smtpReply(451, '', 'none: the transaction ended before its message was whole');
    this.#record(
      transaction.decision({
        outcome: reply ? 'refused' : 'discarded',
        reply: told,
        reason: reply ? 'the session refused the message' : `it ended by ${reason}`,
      }),
    );
    this.#log('message not taken', {
      transaction: transaction.id,
      sender: transaction.sender.address,
      reason,
      ...(reply ? { reply: formatReplyLine(reply) } : {}),
    });
  }

  async #messageEnd({ content }: Event<'message-end'>): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    const writer = transaction?.writer;
    if (!transaction || !writer) return this.session.answer(smtpReply(451, '4.3.0', 'Local error, try again later'));
    const blob = await this.#finish(transaction, writer);
    if (!blob) {
      const reply = transaction.fault ?? replyForFault(undefined);
      const reason = 'a fault of this machine while the message came in';
      this.#record(transaction.decision({ outcome: 'failed', reply, reason }, content, writer.header));
      return this.session.answer(reply);
    }
    try {
      const evidence = await transaction.gatherEvidence(content, writer.header);
      const verdict = decideMessage(evidence);
      if (verdict.action === 'refuse') {
        this.#refuse(transaction, verdict, evidence);
        return this.session.answer(verdict.reply);
      }
      await this.#deliver({ transaction, evidence, blob, reason: verdict.reason });
    } finally {
      await blob.release();
    }
  }

  /** The blob of the message; undefined where this machine could not keep it. */
  async #finish(transaction: InboundTransaction, writer: MessageWriter): Promise<StagedBlob | undefined> {
    if (!transaction.fault) {
      try {
        return await writer.finish();
      } catch (error) {
        this.#warn('keeping a message failed', error);
        transaction.fault = replyForFault(error);
      }
    }
    await transaction.abort();
    return undefined;
  }

  async #deliver(message: { transaction: InboundTransaction; evidence: Evidence; blob: StagedBlob; reason: string }): Promise<void> {
    const { transaction, evidence, blob, reason } = message;
    const { content, header } = evidence.message;
    const full = this.#listener.mode === 'lmtp' ? undefined : await this.#fullMailbox(transaction, blob.sizeBytes);
    if (full) {
      this.#record(transaction.decision({ outcome: 'refused', reply: full, reason: 'an account is over its quota' }, content, header));
      return this.session.answer(full);
    }
    const accepted = smtpReply(250, '2.0.0', `${transaction.id} message accepted`);
    const deliveries = transaction.recipients.flatMap(({ address, accountId }) =>
      accountId === undefined ? [] : { recipient: address, accountId, mailbox: 'INBOX' },
    );
    const decision = transaction.decision({ outcome: 'delivered', reply: accepted, reason, deliveries }, content, header);
    const results = await this.#shared.delivery.deliver(transaction.accountIds, { blob, receivedAt: transaction.startedAt, decision });
    this.#answerDelivery(transaction, { accepted, decision, results });
  }

  /** The reply where an account has no room: nothing is delivered then, so that nobody gets the message again with every attempt. */
  async #fullMailbox(transaction: InboundTransaction, sizeBytes: number): Promise<SmtpReply | undefined> {
    for (const recipient of transaction.recipients) {
      if (recipient.accountId === undefined || recipient.roomBytes === undefined) continue;
      const roomBytes = await this.#room(recipient.accountId);
      const verdict = decideRecipient({ ...recipient, ...(roomBytes === undefined ? {} : { roomBytes }) }, sizeBytes);
      if (verdict.action !== 'refuse') continue;
      this.#shared.fullMailboxes.note(recipient.accountId, sizeBytes);
      return verdict.reply;
    }
    return undefined;
  }

  #answerDelivery(
    transaction: InboundTransaction,
    delivered: { readonly accepted: SmtpReply; readonly decision: Decision; readonly results: readonly DeliveryResult[] },
  ): void {
    const { accepted, decision, results } = delivered;
    const byAccount = new Map(results.map((result) => [result.accountId, result]));
    const answers = transaction.recipients.map(({ accountId = '' }) => {
      const result = byAccount.get(accountId);
      return result?.ok ? accepted : (result?.reply ?? smtpReply(451, '4.3.0', 'Local error, try again later'));
    });
    const failure = results.find((result) => !result.ok);
    const reply = failure?.ok === false ? failure.reply : accepted;
    this.#record({
      ...decision,
      reply: formatReplyLine(reply),
      outcome: failure ? 'failed' : 'delivered',
      reason: failure?.ok === false ? failure.problem : decision.reason,
      deliveries: decision.deliveries.flatMap((delivery) => {
        const result = byAccount.get(delivery.accountId);
        return result?.ok ? { ...delivery, emailId: result.added.emailId } : [];
      }),
    });
    this.#logDelivery(decision, results);
    // deviates RFC 5321 §4.4: where one account of several fails, the client is asked to come again, and those that have the message
    // get it twice: rather that than a report to a sender who may be forged. In LMTP each recipient has a reply of its own.
    if (this.#listener.mode === 'lmtp') this.session.answerRecipients(answers);
    else this.session.answer(answers.find((answer) => !isPositive(answer)) ?? accepted);
  }

  #logDelivery(decision: Decision, results: readonly DeliveryResult[]): void {
    for (const result of results) {
      const fields = {
        transaction: decision.id,
        sender: decision.envelope?.sender,
        account: result.accountId,
        size: decision.message?.sizeBytes,
      };
      if (result.ok) this.#log('message delivered', { ...fields, email: result.added.emailId });
      else this.#log('delivery failed', { ...fields, problem: result.problem, reply: formatReplyLine(result.reply) });
    }
  }

  #refuse(transaction: InboundTransaction, verdict: Extract<Verdict, { action: 'refuse' }>, evidence?: Evidence): void {
    const { reply, reason } = verdict;
    this.#record(transaction.decision({ outcome: 'refused', reply, reason }, evidence?.message.content, evidence?.message.header));
    this.#log('message refused', {
      transaction: transaction.id,
      sender: transaction.sender.address,
      reply: formatReplyLine(reply),
      reason,
    });
  }

  /** Keeps the decision; the client does not wait for it. */
  #record(decision: Decision): void {
    const recorded = this.#shared.context.store.decisions
      .record(decision)
      .catch((error: unknown) => this.#warn('recording a decision failed', error));
    this.#recording = Promise.all([this.#recording, recorded]);
  }
}
