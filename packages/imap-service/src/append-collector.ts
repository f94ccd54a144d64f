import type { AppendCommand, AppendMessage, TaggedReply } from '@mox/imap';
import { formatSequenceSet } from '@mox/imap';
import { toHex } from '@mox/runtime';
import type { BlobWriter, Decision, Mailbox, StagedBlob } from '@mox/store';
import { completed, type ImapConnection, refused } from './imap-connection.ts';

interface Staged {
  readonly message: AppendMessage;
  readonly blob: StagedBlob;
}

/** Collects the messages of one APPEND, and adds them all or none (RFC 9051 §6.3.12, RFC 3502). */
export class AppendCollector {
  readonly #connection: ImapConnection;
  readonly #mailbox: Mailbox;
  readonly #staged: Staged[] = [];
  #message: AppendMessage;
  #writer: BlobWriter;
  #left: number;

  private constructor(connection: ImapConnection, mailbox: Mailbox, message: AppendMessage) {
    this.#connection = connection;
    this.#mailbox = mailbox;
    this.#message = message;
    this.#left = message.sizeBytes;
    this.#writer = connection.store.writeBlob();
  }

  /** Begins with the first message; a reply says why it will not do. */
  static async begin(connection: ImapConnection, command: AppendCommand): Promise<AppendCollector | TaggedReply> {
    const mailbox = await connection.account.mailbox(command.mailbox);
    if (!mailbox) return refused('TRYCREATE', 'There is no such mailbox');
    const room = await quotaReply(connection, command.message.sizeBytes);
    return room ?? new AppendCollector(connection, mailbox, command.message);
  }

  /** Bytes of the message under way. */
  async write(bytes: Uint8Array): Promise<undefined> {
    await this.#writer.write(bytes);
    const left = this.#left - bytes.length;
    if (left === 0) this.#staged.push({ message: this.#message, blob: await this.#writer.finish() });
    // Only now: a writer that could not finish is still to be aborted.
    this.#left = left;
  }

  /** Another message follows. */
  async next(message: AppendMessage): Promise<TaggedReply | undefined> {
    const staged = this.#staged.reduce((sum, { blob }) => sum + blob.sizeBytes, 0);
    const room = await quotaReply(this.#connection, staged + message.sizeBytes);
    if (room) return room;
    this.#message = message;
    this.#left = message.sizeBytes;
    this.#writer = this.#connection.store.writeBlob();
    return undefined;
  }

  /** All messages are there: adds them. */
  async finish(): Promise<TaggedReply> {
    const { account, clock } = this.#connection;
    const now = clock.now();
    const result = await account.addMessages(
      this.#staged.map(({ message, blob }) => ({
        mailboxId: this.#mailbox.id,
        blob,
        flags: message.flags,
        receivedAt: message.receivedAt ?? now,
        decision: this.#decision(blob.sizeBytes, now),
      })),
    );
    if (!result.ok) return result.problem === 'over-quota' ? overQuota : refused('TRYCREATE', 'There is no such mailbox');
    const uids = formatSequenceSet(result.added.map(({ uid }) => uid));
    // RFC 9051 §7.1: APPENDUID
    return completed('APPEND', `APPENDUID ${result.added[0]?.uidValidity} ${uids}`);
  }

  /** Lets go of what was staged; what was added keeps its bytes. */
  async release(): Promise<void> {
    for (const { blob } of this.#staged.splice(0)) await blob.release();
  }

  /** Throws all of it away. */
  async abort(): Promise<void> {
    if (this.#left > 0) await this.#writer.abort();
    await this.release();
  }

  #decision(sizeBytes: number, at: number): Decision {
    const { peer, session, login, random } = this.#connection;
    const { tls } = session;
    return {
      id: toHex(random.bytes(8)),
      at,
      direction: 'append',
      session: {
        remoteAddress: peer.remoteAddress,
        localAddress: peer.localAddress,
        protocol: 'IMAP',
        ...(tls ? { tls: { protocol: tls.protocol, cipher: tls.cipher } } : {}),
        ...(login ? { login: { account: login.info.name, mechanism: login.identity.mechanism } } : {}),
      },
      message: { sizeBytes },
      checks: [],
      outcome: 'delivered',
      reply: 'OK APPEND completed',
      reason: 'The owner of the account put the message there.',
      deliveries: login ? [{ recipient: login.info.name, accountId: login.info.id, mailbox: this.#mailbox.path }] : [],
    };
  }
}

const overQuota: TaggedReply = refused('OVERQUOTA', 'The quota of the account does not allow it');

/** Why so many more bytes are too many, or undefined. */
async function quotaReply(connection: ImapConnection, sizeBytes: number): Promise<TaggedReply | undefined> {
  const { quotaBytes } = connection.login?.info ?? {};
  if (quotaBytes === undefined) return undefined;
  const usage = await connection.account.usage();
  return usage.sizeBytes + sizeBytes > quotaBytes ? overQuota : undefined;
}
