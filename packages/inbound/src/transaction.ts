import { type Address, canonicalAddress, listMailboxes, mailboxAddress, parseAddressList } from '@mox/address';
import { decodeEncodedWords } from '@mox/encoding';
import { formatReplyLine, type SmtpContent, type SmtpReply, type SmtpTransaction, smtpUtf8Parameter } from '@mox/smtp';
import type { AccountInfo, Decision, StagedBlob } from '@mox/store';
import { authenticationResultsField, TransactionAuthentication } from './authentication.ts';
import type { CheckInput } from './check.ts';
import { runChecks } from './checks.ts';
import type { AuthenticationEvidence, Evidence, RecipientEvidence, SenderEvidence, SessionEvidence } from './evidence.ts';
import { authservId, type HeaderFacts, noHeader } from './header-section.ts';
import { MessageWriter } from './message-writer.ts';
import type { InboundContext } from './options.ts';
import { formatReceived, formatReturnPath } from './trace-fields.ts';
import { makeTransactionId } from './transaction-id.ts';

/** Most From addresses that are looked up. */
const mostAuthors = 20;
/** Longest texts kept in a decision. */
const recordedLength = 300;

/** How a transaction ended. */
export interface Outcome {
  readonly outcome: Decision['outcome'];
  readonly reply: SmtpReply;
  readonly reason: string;
  readonly deliveries?: Decision['deliveries'];
}

/** One mail transaction from MAIL to its end: what was learnt of it, and its content on the way into the store. */
export class InboundTransaction {
  readonly id: string;
  readonly startedAt: number;
  readonly session: SessionEvidence;
  readonly sender: SenderEvidence;
  readonly senderAddress: Address | null;
  /** Recipients taken, in order. */
  readonly recipients: RecipientEvidence[] = [];
  /** Recipients refused, with the replies. */
  readonly refused: { readonly address: string; readonly reply: SmtpReply; readonly reason: string }[] = [];
  writer: MessageWriter | undefined;
  #authentication: TransactionAuthentication | undefined;
  #authenticated: AuthenticationEvidence | undefined;
  /** What went wrong with this machine while the content came in. */
  fault: SmtpReply | undefined;
  readonly #context: InboundContext;
  #envelope: SmtpTransaction | undefined;
  #checks: Evidence['checks'] = [];
  #header: HeaderFacts = noHeader;

  constructor(
    context: InboundContext,
    session: SessionEvidence,
    sender: { readonly evidence: SenderEvidence; readonly address: Address | null },
  ) {
    this.#context = context;
    this.startedAt = context.clock.now();
    this.id = makeTransactionId(this.startedAt, context.random);
    this.session = session;
    this.sender = sender.evidence;
    this.senderAddress = sender.address;
  }

  /** What names it in the log. */
  get names(): { readonly transaction: string; readonly sender: string } {
    return { transaction: this.id, sender: this.sender.address };
  }

  /** Accounts that the recipients lead to, each once. */
  get accountIds(): string[] {
    return [...new Set(this.recipients.flatMap(({ accountId }) => accountId ?? []))];
  }

  /** The envelope, as soon as the content is about to come. */
  get envelope(): SmtpTransaction | undefined {
    return this.#envelope;
  }

  /** The content is about to come. */
  start(envelope: SmtpTransaction): void {
    this.#envelope = envelope;
    const { store, headerBytes, hostname } = this.#context;
    const submission = this.session.mode === 'submission';
    this.#authentication = TransactionAuthentication.begin(this.#context, this.#source);
    this.writer = new MessageWriter({
      blob: store.writeBlob(),
      headerBytes,
      // What the checks find goes on top, too: then it is put there at the end.
      prefix: (header) => (this.#authentication ? undefined : this.#prefix(header)),
      filter: (field) => {
        switch (field.nameLower) {
          // RFC 5321 §4.4: one Return-Path, written here. Delivered-To stops mail loops elsewhere: a copy must not.
          case 'return-path':
          case 'delivered-to':
            return true;
          case 'authentication-results':
            // RFC 8601 §5: a result that claims to be ours is a forgery.
            return authservId(field.value) === hostname.toLowerCase();
          case 'bcc':
            // RFC 5322 §3.6.3: what a mail client forgot to take out must not reach the recipients.
            return submission;
          default:
            return false;
        }
      },
    });
  }

  /** Takes the next bytes of the content; to be awaited, where there is something to await, before the next call. */
  write(bytes: Uint8Array): void | Promise<void> {
    this.#authentication?.write(bytes);
    return this.writer?.write(bytes);
  }

  /** The content is whole: as a blob, with all fields on top. */
  async finish(): Promise<StagedBlob | undefined> {
    const { writer } = this;
    if (!writer || !this.#authentication) return writer?.finish();
    await writer.end();
    this.#authenticated = await this.#authentication.end();
    return writer.finish(this.#prefix(writer.header));
  }

  get #source(): { readonly session: SessionEvidence; readonly sender: Address | null } {
    return { session: this.session, sender: this.senderAddress };
  }

  /** The fields on top of the message: RFC 5321 §4.4, and in submission what RFC 6409 §8 adds. */
  #prefix(header: HeaderFacts): string {
    const { hostname } = this.#context;
    const { mode, remoteAddress, hello, tls, login } = this.session;
    const recipients = this.#envelope?.recipients ?? [];
    const smtputf8 = this.#envelope?.parameters.get(smtpUtf8Parameter) === true;
    const date = formatDateTime(this.startedAt);
    const only = recipients.length === 1 ? recipients[0]?.address : undefined;
    const received = formatReceived({
      mode,
      remoteAddress,
      hostname,
      authenticated: login !== undefined,
      smtputf8,
      id: this.id,
      date,
      ...(hello ? { hello } : {}),
      ...(tls ? { tls } : {}),
      ...(only ? { recipient: only } : {}),
    });
    const results = authenticationResultsField(hostname, this.#source, this.#authenticated);
    let prefix = formatReturnPath(this.senderAddress, smtputf8) + results + received;
    if (mode !== 'submission') return prefix;
    if (!header.hasDate) prefix += `Date: ${date}\r\n`;
    if (header.messageId === undefined) prefix += `Message-ID: <${this.id}@${hostname}>\r\n`;
    return prefix;
  }

  /** The content is whole: everything that the message is judged by. */
  async gatherEvidence(content: SmtpContent): Promise<Evidence> {
    const header = this.writer?.header ?? noHeader;
    this.#header = header;
    const authors = this.session.mode === 'submission' ? await this.#authors(header) : [];
    const input: CheckInput = {
      session: this.session,
      sender: this.sender,
      recipients: this.recipients,
      message: {
        content,
        header,
        authors,
        oddities: [...(this.#envelope?.oddities ?? [])],
        ...(this.#authenticated && { authentication: this.#authenticated }),
        headerTooLarge: this.writer?.headerTooLarge ?? false,
      },
    };
    this.#checks = await runChecks(input);
    return { ...input, checks: this.#checks };
  }

  async #authors(header: HeaderFacts): Promise<{ readonly address: string; readonly accountId?: string }[]> {
    const mailboxes = header.from.flatMap((value) => listMailboxes(parseAddressList(value)));
    const addresses = new Set(
      mailboxes
        .slice(0, mostAuthors)
        .flatMap((mailbox) => mailboxAddress(mailbox) ?? [])
        .map(canonicalAddress),
    );
    return Promise.all(
      [...addresses].map(async (address) => ({ address, ...accountOf(await this.#context.store.accounts.findByAddress(address)) })),
    );
  }

  /** Throws away what was written. */
  async abort(): Promise<void> {
    const { writer } = this;
    this.writer = undefined;
    await writer?.abort();
  }

  /** What is kept of the transaction. */
  decision(ended: Outcome, content?: SmtpContent): Decision {
    const { mode, hello, tls, login, remoteAddress, localAddress } = this.session;
    return {
      id: this.id,
      at: this.startedAt,
      direction: mode === 'submission' ? 'submission' : 'inbound',
      session: {
        remoteAddress,
        localAddress,
        protocol: mode,
        ...(hello ? { greeting: hello.name } : {}),
        ...(tls ? { tls } : {}),
        ...(login ? { login: { account: login.name, mechanism: login.mechanism } } : {}),
      },
      envelope: {
        sender: this.sender.address,
        recipients: [...this.recipients, ...this.refused].map(({ address }) => address),
        parameters: this.#envelope?.parameters.raw ?? {},
      },
      ...(content ? { message: recordOf(this.#header, content.sizeBytes) } : {}),
      checks: [
        ...this.#checks,
        ...this.refused.map(({ address, reply, reason }) => ({
          step: `recipient ${address}`,
          rfc: 'RFC 5321 §4.1.1.3',
          outcome: 'refused',
          detail: `${formatReplyLine(reply)}: ${reason}`,
        })),
      ],
      outcome: ended.outcome,
      reply: formatReplyLine(ended.reply),
      reason: ended.reason,
      deliveries: ended.deliveries ?? [],
    };
  }
}

/** Makes the evidence of a sender. */
export function senderEvidence(
  sender: Address | null,
  account: AccountInfo | undefined,
  envelope: { readonly declaredBytes: number | undefined },
): SenderEvidence {
  return {
    address: sender ? canonicalAddress(sender) : '',
    ...accountOf(account),
    ...(envelope.declaredBytes === undefined ? {} : { declaredBytes: envelope.declaredBytes }),
  };
}

function accountOf(account: AccountInfo | undefined): { readonly accountId?: string } {
  return account ? { accountId: account.id } : {};
}

function recordOf(header: HeaderFacts, sizeBytes: number): NonNullable<Decision['message']> {
  const text = (value: string): string => value.slice(0, recordedLength);
  const [from] = header.from;
  return {
    sizeBytes,
    ...(header.messageId === undefined ? {} : { messageId: text(header.messageId) }),
    ...(from === undefined ? {} : { from: text(decodeEncodedWords(from)) }),
    ...(header.subject === undefined ? {} : { subject: text(decodeEncodedWords(header.subject)) }),
  };
}

/** Date and time by RFC 5322 §3.3, in UTC. */
function formatDateTime(now: number): string {
  return new Date(now).toUTCString().replace('GMT', '+0000');
}
