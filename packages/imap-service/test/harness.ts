import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandBuilder, ImapClientSession, type ImapResponse, type ImapServerEvent } from '@mox/imap';
import { type Clock, fromLatin1, ManualClock, type TransportEvent, toLatin1 } from '@mox/runtime';
import { type Account, openStore, type Store } from '@mox/store';
import { createImapService, type ImapServed, type ImapService, type ImapServiceOptions } from '../src/index.ts';

/** A connection without a socket: what is said goes to the service, what comes back is text. */
export class TestConnection {
  readonly served: ImapServed;
  closed = false;
  #output = '';
  #pumping: Promise<void> | undefined;

  constructor(service: ImapService) {
    this.served = service({
      id: 'test',
      remoteAddress: '192.0.2.1',
      localAddress: '192.0.2.2',
      flush: async () => this.#collect(),
    });
    this.#collect();
  }

  /** What the server said since this was asked last, one character for each byte. */
  heard(): string {
    this.#collect();
    const output = this.#output;
    this.#output = '';
    return output;
  }

  /** Says something and gives the answer to it. */
  async say(text: string): Promise<string> {
    return toLatin1(await this.exchange(fromLatin1(text)));
  }

  async exchange(bytes: Uint8Array): Promise<Uint8Array> {
    this.served.session.receive(bytes);
    await this.pump();
    return fromLatin1(this.heard());
  }

  async pump(): Promise<void> {
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
    });
    await this.#pumping;
  }

  async login(): Promise<this> {
    await this.say('l LOGIN joe secret\r\n');
    return this;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.served.close();
  }

  async #pump(): Promise<void> {
    for (;;) {
      const event: ImapServerEvent | TransportEvent | undefined = this.served.session.next();
      this.#collect();
      if (!event) return;
      if (event.type === 'close') {
        this.closed = true;
        return;
      }
      if (event.type === 'start-tls') return;
      await this.served.handle(event);
      this.#collect();
    }
  }

  #collect(): void {
    const { session } = this.served;
    for (let bytes = session.takeOutput(); bytes; bytes = session.takeOutput()) this.#output += toLatin1(bytes);
  }
}

/** A client of the package's own, on a connection without a socket. */
export class TestClient {
  readonly connection: TestConnection;
  readonly session: ImapClientSession = new ImapClientSession({ clock: new ManualClock() });
  /** Responses that nobody asked for yet. */
  responses: ImapResponse[] = [];

  constructor(service: ImapService) {
    this.connection = new TestConnection(service);
  }

  /** Sends a command; gives its tagged response. Untagged ones are in `responses`. */
  async run(command: CommandBuilder): Promise<Extract<ImapResponse, { readonly type: 'tagged' }>> {
    const tag = this.session.send(command);
    for (;;) {
      await this.#move();
      const at = this.responses.findIndex((response) => response.type === 'tagged' && response.tag === tag);
      const tagged = this.responses[at];
      if (tagged?.type !== 'tagged') continue;
      this.responses.splice(at, 1);
      return tagged;
    }
  }

  /** Hears what the server says by itself. */
  async listen(): Promise<void> {
    await this.#move();
  }

  async #move(): Promise<void> {
    let said = new Uint8Array();
    for (let bytes = this.session.takeOutput(); bytes; bytes = this.session.takeOutput()) said = new Uint8Array([...said, ...bytes]);
    const answer = await this.connection.exchange(said);
    if (answer.length > 0) this.session.receive(answer);
    for (let event = this.session.next(); event; event = this.session.next())
      if (event.type === 'response') this.responses.push(event.response);
  }
}

export interface TestServer {
  readonly store: Store;
  readonly account: Account;
  readonly service: ImapService;
  connect(): Promise<TestConnection>;
  client(): Promise<TestClient>;
  /** Puts messages into a mailbox behind everybody's back. */
  deliver(path: string, messages: readonly (string | Uint8Array)[], flags?: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** A store in a folder of its own with the account joe, whose password is secret. */
export async function startServer(options: Partial<ImapServiceOptions> = {}): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'mox-imap-'));
  const clock: Clock = options.clock ?? { now: () => Date.now() };
  const store = await openStore({ directory, clock, workers: 1 });
  const made = await store.accounts.create({ name: 'joe', addresses: ['joe@example.org'], credentials: [] });
  if (!made.ok) throw new Error(made.problem);
  const account = await store.account(made.account.id);
  if (!account) throw new Error('no account');
  const service = createImapService({
    store,
    clock,
    sasl: { plaintextWithoutTls: true },
    credentials: async (lookup) =>
      lookup.type === 'password' && lookup.password.reveal() === 'secret' ? { type: 'accepted' } : { type: 'refused' },
    ...options,
  });
  return {
    store,
    account,
    service,
    connect: () => new TestConnection(service).login(),
    async client() {
      const client = new TestClient(service);
      await client.run(new CommandBuilder('LOGIN').string('joe').string('secret'));
      client.responses = [];
      return client;
    },
    async deliver(path, messages, flags = []) {
      const mailbox = await account.mailbox(path);
      if (!mailbox) throw new Error(`no mailbox ${path}`);
      const staged = [];
      for (const message of messages) {
        const writer = store.writeBlob();
        await writer.write(typeof message === 'string' ? fromLatin1(message) : message);
        staged.push(await writer.finish());
      }
      await account.addMessages(staged.map((blob) => ({ mailboxId: mailbox.id, blob, flags, receivedAt: Date.UTC(2026, 0, 2, 3, 4, 5) })));
      for (const blob of staged) await blob.release();
    },
    async close() {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
