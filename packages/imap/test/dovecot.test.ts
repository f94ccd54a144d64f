// The client session against dovecot (skipped where it is not installed, or cannot be run: it wants root).
import { connect, type Socket } from 'node:net';
import { fromBase64, fromLatin1, Secret, toBase64, toLatin1 } from '@mox/runtime';
import { answerSaslClientLookup, createSaslClient } from '@mox/sasl';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DovecotServer, dovecotAvailable } from '../../../tools/dovecot.ts';
import { CommandBuilder, ImapClientSession, type ImapResponse } from '../src/index.ts';
import { startDovecotImap } from './dovecot-server.ts';

type Response<Type extends ImapResponse['type']> = Extract<ImapResponse, { readonly type: Type }>;

/** A client on a socket. */
class Client {
  readonly session: ImapClientSession = new ImapClientSession({ clock: { now: () => Date.now() } });
  readonly socket: Socket;
  responses: ImapResponse[] = [];
  problems: string[] = [];
  #wake: () => void = () => {};

  constructor(port: number) {
    this.session.nonSynchronizingLiterals = true;
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (bytes) => {
      this.session.receive(bytes);
      this.#pump();
    });
  }

  #pump(): void {
    for (let event = this.session.next(); event; event = this.session.next()) {
      if (event.type === 'response') this.responses.push(event.response);
      if (event.type === 'response' && event.response.type === 'unknown') this.problems.push(event.response.text);
    }
    this.flush();
    this.#wake();
  }

  flush(): void {
    for (let bytes = this.session.takeOutput(); bytes; bytes = this.session.takeOutput()) this.socket.write(bytes);
  }

  /** What came up to the first response of some types, which is the last. */
  async upTo(...types: readonly ImapResponse['type'][]): Promise<ImapResponse[]> {
    for (;;) {
      const at = this.responses.findIndex(({ type }) => types.includes(type));
      if (at >= 0) return this.responses.splice(0, at + 1);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async until<Type extends ImapResponse['type']>(...types: readonly Type[]): Promise<Response<Type>> {
    return (await this.upTo(...types)).at(-1) as Response<Type>;
  }

  /** Runs a command; gives its untagged responses. */
  async run(verb: string, build: (command: CommandBuilder) => CommandBuilder = (command) => command): Promise<readonly ImapResponse[]> {
    const tag = this.session.send(build(new CommandBuilder(verb)));
    this.flush();
    const responses = await this.upTo('tagged');
    expect(responses.pop()).toMatchObject({ tag, status: 'OK' });
    return responses;
  }

  async login(): Promise<void> {
    const greeting = await this.until('status');
    expect(greeting.code?.argument).toContain('AUTH=SCRAM-SHA-256');
    const sasl = createSaslClient('SCRAM-SHA-256', {
      announced: ['SCRAM-SHA-256'],
      credentials: { username: 'joe', password: new Secret('secret') },
    });
    if (!sasl) throw new Error('no mechanism');
    this.session.send(new CommandBuilder('AUTHENTICATE').raw(`SCRAM-SHA-256 ${toBase64(sasl.start() ?? new Uint8Array())}`));
    this.flush();
    for (;;) {
      const response = await this.until('continue', 'tagged');
      if (response.type === 'tagged') break;
      let step = sasl.step(fromBase64(response.text) ?? new Uint8Array());
      while (step.type === 'lookup') step = sasl.answer(await answerSaslClientLookup(step.lookup));
      if (step.type === 'failure') throw new Error(step.problem);
      this.session.sendLine(toBase64(step.data));
      this.flush();
    }
    expect(sasl.finish()).toMatchObject({ type: 'success' });
  }
}

describe.skipIf(!dovecotAvailable)('dovecot as the server (skipped where it is not installed)', () => {
  let dovecot: DovecotServer;
  let port = 0;

  beforeAll(async () => {
    dovecot = await startDovecotImap();
    port = dovecot.port;
  });

  afterAll(() => dovecot.stop());

  it('RFC 9051 §2.2: all that a client of every day does', async () => {
    const client = new Client(port);
    await client.login();
    expect(await client.run('ENABLE', (command) => command.raw('QRESYNC'))).toMatchObject([{ type: 'enabled', capabilities: ['QRESYNC'] }]);
    await client.run('CREATE', (command) => command.mailbox('Entwürfe'));
    const text =
      'From: a@example.org\r\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n';
    for (let i = 0; i < 4; i++)
      await client.run('APPEND', (command) =>
        command
          .mailbox('Entwürfe')
          .flags(['\\Flagged'])
          .dateTime(i * 86_400_000)
          .literal(fromLatin1(text)),
      );
    await client.run('SELECT', (command) => command.mailbox('Entwürfe'));
    const items = '(UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ ENVELOPE BODYSTRUCTURE PREVIEW SAVEDATE BODY.PEEK[] BINARY.SIZE[1])';
    const [first] = await client.run('FETCH', (command) => command.raw(`1 ${items}`));
    if (first?.type !== 'fetch') throw new Error(first?.type);
    const { data } = first;
    expect(data).toMatchObject({
      uid: 1,
      sizeBytes: text.length,
      structure: { subtype: 'mixed' },
      preview: 'one',
      binarySizes: new Map([['1', 3]]),
    });
    expect(data.flags).toContain('\\Flagged');
    expect(toLatin1(data.sections?.[0]?.bytes ?? new Uint8Array())).toBe(text);
    expect(await client.run('UID SEARCH', (command) => command.raw('RETURN (COUNT ALL) FLAGGED'))).toMatchObject([
      { type: 'esearch', count: 4, all: [[1, 4]] },
    ]);
    expect(await client.run('UID SORT', (command) => command.raw('(REVERSE ARRIVAL) UTF-8 ALL'))).toMatchObject([
      { type: 'sort', numbers: [4, 3, 2, 1] },
    ]);
    expect(await client.run('UID THREAD', (command) => command.raw('REFERENCES UTF-8 ALL'))).toMatchObject([{ type: 'thread' }]);
    const moved = await client.run('UID MOVE', (command) => command.raw('2').mailbox('INBOX'));
    expect(moved).toContainEqual({ type: 'vanished', earlier: false, uids: [[2, 2]] });
    await client.run('UNSELECT');
    const [status] = await client.run('STATUS', (command) => command.mailbox('Entwürfe').raw('(UIDVALIDITY)'));
    const validity = status?.type === 'mailbox-status' ? status.items.get('UIDVALIDITY') : undefined;
    const resynced = await client.run('SELECT', (command) => command.mailbox('Entwürfe').raw(`(QRESYNC (${validity} 1 1:4))`));
    expect(resynced).toContainEqual({ type: 'vanished', earlier: true, uids: [[2, 2]] });
    await idle(client);
    expect(client.problems).toEqual([]);
    await client.run('LOGOUT');
    client.socket.destroy();
  }, 30_000);

  async function idle(client: Client): Promise<void> {
    client.session.send(new CommandBuilder('IDLE'));
    client.flush();
    await client.until('continue');
    const other = new Client(port);
    await other.login();
    await other.run('APPEND', (command) => command.mailbox('Entwürfe').literal(fromLatin1('Subject: x\r\n\r\n')));
    other.socket.destroy();
    expect(await client.until('exists')).toEqual({ type: 'exists', number: 4 });
    client.session.sendLine('DONE');
    client.flush();
    expect(await client.until('tagged')).toMatchObject({ status: 'OK' });
  }
});
