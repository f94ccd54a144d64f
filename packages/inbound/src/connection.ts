import { canonicalAddress } from '@mox/address';
import type { SaslAnswer } from '@mox/sasl';
import { type SmtpServerEvent, SmtpServerSession, sizeParameter, smtpReply } from '@mox/smtp';
import type { AccountInfo } from '@mox/store';
import { Acceptance, type Shared } from './acceptance.ts';
import { decideRecipient, decideSender } from './decide.ts';
import { replyForFault } from './delivery.ts';
import type { RecipientEvidence, SessionEvidence } from './evidence.ts';
import { Journal } from './journal.ts';
import type { InboundConnection, InboundListener } from './options.ts';
import { roomOf } from './room.ts';
import { InboundTransaction, senderEvidence } from './transaction.ts';

type Event<Type extends SmtpServerEvent['type']> = Extract<SmtpServerEvent, { readonly type: Type }>;
type Handlers = { readonly [Type in SmtpServerEvent['type']]?: (event: Event<Type>) => void | Promise<void> };

/** The service's side of one SMTP, submission or LMTP connection: answers the events of its session. */
export class InboundSession {
  readonly session: SmtpServerSession;
  readonly #shared: Shared;
  readonly #listener: InboundListener;
  readonly #connection: InboundConnection;
  #login: SessionEvidence['login'];
  #transaction: InboundTransaction | undefined;
  readonly #journal: Journal;
  readonly #acceptance: Acceptance;

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
      this.#journal.info('login failed', { mechanism, reason, problem, ...(authcid === undefined ? {} : { login: authcid }) }),
    refused: ({ verb, reply }) => this.#journal.debug('command refused', { verb, reply }),
    'clear-text-discarded': ({ bytes }) => this.#journal.info('bytes in clear text behind STARTTLS thrown away', { bytes }),
  };

  constructor(shared: Shared, listener: InboundListener, connection: InboundConnection) {
    this.#shared = shared;
    this.#listener = listener;
    this.#connection = connection;
    this.#journal = new Journal(shared.context, connection);
    this.#acceptance = new Acceptance(shared, listener.mode, this.#journal);
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
    await this.#transaction?.abort().catch((error: unknown) => this.#journal.fault('throwing a message away failed', error));
    this.#transaction = undefined;
    await this.#journal.settled();
  }

  #fault(event: SmtpServerEvent, error: unknown): void {
    this.#journal.fault(`handling ${event.type} failed`, error);
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
    if (!account) return this.#journal.fault('a user who logged in has no account', identity.authzid);
    this.#login = { accountId: account.id, name: account.name, mechanism: identity.mechanism };
    this.#journal.info('logged in', { account: account.name, mechanism: identity.mechanism, tls: this.session.facts.tls?.protocol });
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
    this.#journal.record(transaction.decision({ outcome: 'refused', ...verdict }));
    this.#journal.refused('sender refused', verdict, transaction.names);
    this.session.answer(verdict.reply);
  }

  async #recipient({ recipient }: Event<'recipient'>): Promise<void> {
    const transaction = this.#transaction;
    if (!transaction) return this.session.answer(smtpReply(451, '4.3.0', 'Local error, try again later'));
    const address = canonicalAddress(recipient);
    const account = await this.#findRecipient(address);
    const roomBytes = account?.quotaBytes === undefined ? undefined : await roomOf(this.#shared.context.store, account.id);
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
    this.#journal.refused('recipient refused', verdict, { ...transaction.names, recipient: address });
    this.session.answer(verdict.reply);
  }

  async #findRecipient(address: string): Promise<AccountInfo | undefined> {
    const { store, postmaster } = this.#shared.context;
    const account = await store.accounts.findByAddress(address);
    // RFC 5321 §4.5.1: there is always a postmaster.
    if (account || postmaster === undefined || !address.startsWith('postmaster@')) return account;
    return store.accounts.findByAddress(postmaster);
  }

  #chunk(bytes: Uint8Array): void | Promise<void> {
    const transaction = this.#transaction;
    if (transaction && !transaction.fault) return transaction.write(bytes);
  }

  async #reset({ reason, reply }: Event<'reset'>): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    if (!transaction) return;
    const begun = transaction.writer !== undefined;
    await transaction.abort();
    const [first] = transaction.refused;
    if (first && !begun) this.#journal.record(transaction.decision({ outcome: 'refused', reply: first.reply, reason: first.reason }));
    // A transaction that came to nothing by itself before its content is worth no record.
    if (!begun) return;
    const refusal = {
      reply: reply ?? smtpReply(451, '', 'none: the transaction ended before its message was whole'),
      reason: reply ? 'the session refused the message' : `it ended by ${reason}`,
    };
    this.#journal.record(transaction.decision({ outcome: reply ? 'refused' : 'discarded', ...refusal }));
    this.#journal.refused('message not taken', refusal, transaction.names);
  }

  async #messageEnd({ content }: Event<'message-end'>): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    const answer = transaction ? await this.#acceptance.accept(transaction, content) : replyForFault(undefined);
    if ('code' in answer) this.session.answer(answer);
    else this.session.answerRecipients(answer);
  }
}
