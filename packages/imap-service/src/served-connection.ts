import type { ImapCommand, ImapServerEvent, ImapServerSession, TaggedReply } from '@mox/imap';
import type { CredentialSource, SaslAnswer, SaslIdentity, SaslLookup } from '@mox/sasl';
import { AppendCollector } from './append-collector.ts';
import { handlerFor } from './commands/table.ts';
import { ImapConnection, type ImapConnectionOptions } from './imap-connection.ts';
import type { ImapServed } from './peer.ts';
import { RecentMarks } from './recent-marks.ts';
import { faultReply } from './store-reply.ts';
import { tellChanges } from './tell-changes.ts';

type EventOf<Type extends ImapServerEvent['type']> = Extract<ImapServerEvent, { readonly type: Type }>;

/** What a served connection is made of. */
export interface ServedConnectionOptions extends ImapConnectionOptions {
  readonly credentials: CredentialSource;
}

/** Answers the events of one session. */
export class ServedConnection implements ImapServed {
  readonly session: ImapServerSession;
  readonly #connection: ImapConnection;
  readonly #options: ServedConnectionOptions;
  #append: AppendCollector | undefined;
  /** Telling changes to an idle client: one after the other. Undefined while it does not idle. */
  #idle: { telling: Promise<void> | undefined } | undefined;

  constructor(options: ServedConnectionOptions) {
    this.#options = options;
    this.session = options.session;
    this.#connection = new ImapConnection(options);
  }

  async handle(event: ImapServerEvent): Promise<void> {
    switch (event.type) {
      case 'command':
        return this.#command(event.command);
      case 'append':
        return this.#beginAppend(event);
      case 'append-chunk':
        return this.#appending((append) => append.write(event.bytes));
      case 'append-next':
        return this.#appending((append) => append.next(event.message));
      case 'append-end':
        return this.#endAppend();
      case 'append-abort':
        return this.#dropAppend();
      case 'sasl-lookup':
        return this.session.answerLookup(await this.#lookup(event.lookup));
      case 'authenticated':
        return this.#login(event.identity);
      case 'authentication-failed':
        return this.#failedLogin(event);
      case 'idle':
        return this.#beginIdle();
      case 'idle-done':
        return this.#endIdle();
    }
  }

  shutdown(): void {
    this.session.shutdown();
  }

  async close(): Promise<void> {
    this.#connection.over = true;
    this.#idle = undefined;
    this.#connection.onChange(undefined);
    this.#connection.unselect();
    await this.#dropAppend();
  }

  async #command(command: ImapCommand): Promise<void> {
    const handler = handlerFor(command.name);
    const reply = await this.#attempt(async () => {
      if (!handler) return { status: 'BAD', text: 'this command is not served here' };
      return handler.run(this.#connection, command);
    });
    await this.#complete(reply, handler?.tells ?? (() => 'all'), command);
  }

  /** Tells what changed, as far as the command allows it, and ends the command. */
  async #complete(
    reply: TaggedReply,
    tells: (command: ImapCommand) => 'all' | 'numbers-stay' | 'nothing',
    command: ImapCommand,
  ): Promise<void> {
    const { selected } = this.#connection;
    const what = tells(command);
    let ending = reply;
    if (selected && what !== 'nothing') {
      await tellChanges(this.session, selected, { expunges: what === 'all' });
      ending = withLowerModseq(this.session, selected.gone, reply);
    }
    this.session.complete(ending);
  }

  /** Does something; a fault of this machine becomes a reply, unless part of a response is out already. */
  async #attempt(work: () => Promise<TaggedReply>): Promise<TaggedReply> {
    try {
      return await work();
    } catch (error) {
      // Nobody is there to be told, and what failed was cut short by that.
      if (this.#connection.over) return faultReply(error);
      if (this.session.inLiteral) throw error;
      this.#options.logger.error('an IMAP command failed', {
        connection: this.#options.peer.id,
        account: this.#connection.login?.info.name,
        problem: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      return faultReply(error);
    }
  }

  async #lookup(lookup: SaslLookup): Promise<SaslAnswer> {
    try {
      return await this.#options.credentials(lookup);
    } catch (error) {
      this.#options.logger.error('credentials cannot be looked up', { connection: this.#options.peer.id, problem: String(error) });
      return { type: 'temporary', problem: String(error) };
    }
  }

  async #login(identity: SaslIdentity): Promise<void> {
    const { store, logger, peer } = this.#options;
    const reply = await this.#attempt(async () => {
      const info = await store.accounts.findByLogin(identity.authzid);
      const account = info?.enabled ? await store.account(info.id) : undefined;
      if (!info || !account) return { status: 'NO', code: 'AUTHORIZATIONFAILED', text: 'There is no such account' };
      this.#connection.login = { account, info, identity, recents: await RecentMarks.of(account) };
      return { status: 'OK', text: '' };
    });
    if (reply.status !== 'OK') return this.session.complete(reply);
    logger.info('logged in', {
      connection: peer.id,
      remote: peer.remoteAddress,
      account: this.#connection.login?.info.name,
      mechanism: identity.mechanism,
    });
    this.session.acceptLogin();
  }

  #failedLogin(event: EventOf<'authentication-failed'>): void {
    const { type: _, ...fields } = event;
    this.#options.logger.info('login failed', { connection: this.#options.peer.id, remote: this.#options.peer.remoteAddress, ...fields });
  }

  async #beginAppend({ command }: EventOf<'append'>): Promise<void> {
    const reply = await this.#attempt(async () => {
      const begun = await AppendCollector.begin(this.#connection, command);
      if ('status' in begun) return begun;
      this.#append = begun;
      return { status: 'OK', text: '' };
    });
    if (reply.status === 'OK') this.session.acceptAppend();
    else await this.#complete(reply, () => 'all', command);
  }

  /** A step of the APPEND in progress; where it fails the rest is passed over. */
  async #appending(step: (append: AppendCollector) => Promise<TaggedReply | undefined>): Promise<void> {
    const append = this.#append;
    if (!append) return;
    const reply = await this.#attempt(async () => (await step(append)) ?? { status: 'OK', text: '' });
    if (reply.status === 'OK') {
      if (this.session.parked) this.session.acceptAppend();
      return;
    }
    await this.#dropAppend();
    this.session.complete(reply);
  }

  async #endAppend(): Promise<void> {
    const append = this.#append;
    this.#append = undefined;
    const reply = await this.#attempt(async () => (append ? append.finish() : { status: 'NO', text: 'Nothing was appended' }));
    await append?.release();
    await this.#complete(reply, () => 'all', { name: 'APPEND' });
  }

  async #dropAppend(): Promise<void> {
    const append = this.#append;
    this.#append = undefined;
    await append?.abort();
  }

  #beginIdle(): void {
    this.#idle = { telling: undefined };
    this.#connection.onChange(() => this.#tellIdle());
    this.#tellIdle();
  }

  /** Tells an idle client at the end of this turn of the event loop: changes that come together are told together. */
  #tellIdle(): void {
    const idle = this.#idle;
    const { selected } = this.#connection;
    if (!idle || idle.telling || !selected) return;
    idle.telling = Promise.resolve()
      .then(async () => {
        while (this.#idle === idle && selected.pending) {
          await tellChanges(this.session, selected, { expunges: true });
          await this.#options.peer.flush();
        }
      })
      .catch((error: unknown) => {
        this.#options.logger.error('changes cannot be told', { connection: this.#options.peer.id, problem: String(error) });
      })
      .finally(() => {
        idle.telling = undefined;
      });
  }

  async #endIdle(): Promise<void> {
    const idle = this.#idle;
    this.#idle = undefined;
    this.#connection.onChange(undefined);
    await idle?.telling;
    await this.#complete({ status: 'OK', text: 'IDLE completed' }, () => 'all', { name: 'IDLE' });
  }
}

/**
 * RFC 7162 §3.2: where messages that are gone could not be told, the client must not take the mod-sequences it was shown for
 * all that happened up to them.
 */
function withLowerModseq(session: ImapServerSession, gone: ReadonlyMap<number, number>, reply: TaggedReply): TaggedReply {
  if (gone.size === 0 || !session.isEnabled('QRESYNC') || reply.code !== undefined || reply.status !== 'OK') return reply;
  return { ...reply, code: `HIGHESTMODSEQ ${Math.max(1, Math.min(...gone.values()) - 1)}` };
}
