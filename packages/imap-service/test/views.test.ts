import { CommandBuilder, type ImapResponse, recentFlag } from '@mox/imap';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestClient, type TestServer } from './harness.ts';

/** What a client knows of one message. */
interface Known {
  uid?: number;
  flags?: string;
}

/** A client that believes what it is told, and notices where that cannot be. */
class Model {
  readonly client: TestClient;
  readonly name: string;
  messages: Known[] = [];

  constructor(client: TestClient, name: string) {
    this.client = client;
    this.name = name;
  }

  async run(command: CommandBuilder, options: { readonly expunges: boolean } = { expunges: true }): Promise<string> {
    const tagged = await this.client.run(command);
    for (const response of this.client.responses.splice(0)) this.#hear(response, options.expunges);
    return tagged.status;
  }

  async listen(): Promise<void> {
    await this.client.listen();
    for (const response of this.client.responses.splice(0)) this.#hear(response, true);
  }

  #hear(response: ImapResponse, expunges: boolean): void {
    if (response.type === 'exists') {
      // RFC 9051 §7.4.1: a smaller number would take messages away without EXPUNGE; the same one tells nothing
      expect(response.number, `${this.name}: EXISTS`).toBeGreaterThan(this.messages.length);
      while (this.messages.length < response.number) this.messages.push({});
    } else if (response.type === 'expunge') {
      expect(expunges, `${this.name}: EXPUNGE where numbers must stay`).toBe(true);
      expect(response.number).toBeLessThanOrEqual(this.messages.length);
      this.messages.splice(response.number - 1, 1);
    } else if (response.type === 'vanished') {
      expect(expunges, `${this.name}: VANISHED where numbers must stay`).toBe(true);
      for (const [from, to] of response.uids) for (let uid = from; uid <= to; uid++) this.#vanish(uid);
    } else if (response.type === 'fetch') this.#fetch(response);
  }

  #vanish(uid: number): void {
    let at = this.messages.findIndex((message) => message.uid === uid);
    // One that the client was told of by EXISTS alone: which of those between the same known uids it is does not matter.
    if (at < 0) {
      const next = this.messages.findIndex((message) => message.uid !== undefined && message.uid > uid);
      at = this.messages.slice(0, next < 0 ? undefined : next).findLastIndex((message) => message.uid === undefined);
    }
    expect(at, `${this.name}: VANISHED ${uid}`).toBeGreaterThanOrEqual(0);
    this.messages.splice(at, 1);
  }

  #fetch({ number, data }: Extract<ImapResponse, { readonly type: 'fetch' }>): void {
    const message = this.messages[number - 1];
    if (!message) throw new Error(`${this.name}: FETCH of ${number} of ${this.messages.length}`);
    if (data.uid !== undefined) {
      if (message.uid !== undefined) expect(data.uid, `${this.name}: uid of ${number}`).toBe(message.uid);
      message.uid = data.uid;
    }
    // \Recent is of a session, not of the message
    if (data.flags)
      message.flags = data.flags
        .filter((flag) => flag !== recentFlag)
        .toSorted()
        .join(' ');
  }
}

type Action = (world: World) => Promise<void>;

interface World {
  readonly server: TestServer;
  readonly mailbox: string;
  readonly mailboxId: string;
  readonly models: readonly Model[];
}

function model(world: World, which: number): Model {
  const one = world.models[which % world.models.length];
  if (!one) throw new Error('no clients');
  return one;
}

/** A set of numbers that the client may name, or undefined. */
function pick(one: Model, from: number, count: number): number[] | undefined {
  const { length } = one.messages;
  if (length === 0) return undefined;
  const start = (from % length) + 1;
  return Array.from({ length: Math.min(count, length - start + 1) }, (_, i) => start + i);
}

const flag = fc.constantFrom('\\Seen', '\\Deleted', '\\Flagged', '$A', '$B');
const who = fc.nat(2);
const place = fc.nat(20);
const few = fc.integer({ min: 1, max: 4 });

const actions: fc.Arbitrary<{ readonly text: string; readonly run: Action }> = fc.oneof(
  fc.record({ who }).map(({ who: w }) => ({
    text: `${w} noop`,
    run: async (world: World) => void (await model(world, w).run(new CommandBuilder('NOOP'))),
  })),
  fc.record({ count: few, flag }).map(({ count, flag: f }) => ({
    text: `deliver ${count}`,
    run: async (world: World) => {
      await world.server.deliver(
        world.mailbox,
        Array.from({ length: count }, (_, i) => `Subject: ${i}\r\n\r\nx\r\n`),
        [f],
      );
    },
  })),
  fc
    .record({ who, place, count: few, flag, mode: fc.constantFrom('+FLAGS', '-FLAGS', 'FLAGS', '+FLAGS.SILENT') })
    .map(({ who: w, place: p, count, flag: f, mode }) => ({
      text: `${w} store ${p}+${count} ${mode} ${f}`,
      run: async (world: World) => {
        const one = model(world, w);
        const numbers = pick(one, p, count);
        if (!numbers) return;
        await one.run(new CommandBuilder('STORE').set(numbers).raw(mode).flags([f]), { expunges: false });
        if (!mode.endsWith('SILENT')) return;
        // What a client makes of its own silent change (RFC 9051 §6.4.6).
        for (const number of numbers) {
          const message = one.messages[number - 1];
          if (message?.flags !== undefined)
            message.flags = [...new Set([...message.flags.split(' ').filter((x) => x), f])].toSorted().join(' ');
        }
      },
    })),
  fc.record({ who }).map(({ who: w }) => ({
    text: `${w} expunge`,
    run: async (world: World) => void (await model(world, w).run(new CommandBuilder('EXPUNGE'))),
  })),
  fc.record({ who, place, count: few, move: fc.boolean() }).map(({ who: w, place: p, count, move }) => ({
    text: `${w} ${move ? 'move' : 'copy'} ${p}+${count}`,
    run: async (world: World) => {
      const numbers = pick(model(world, w), p, count);
      if (numbers)
        await model(world, w).run(new CommandBuilder(move ? 'MOVE' : 'COPY').set(numbers).mailbox(move ? 'Trash' : world.mailbox));
    },
  })),
  fc.record({ place, count: few }).map(({ place: p, count }) => ({
    text: `remove ${p}+${count}`,
    run: async (world: World) => {
      const uids = (await world.server.account.openMailbox(world.mailboxId))?.uids ?? new Uint32Array();
      const start = uids.length === 0 ? 0 : p % uids.length;
      await world.server.account.expunge(world.mailboxId, uids.slice(start, start + count));
    },
  })),
  fc.record({ who }).map(({ who: w }) => ({
    text: `${w} fetch all`,
    run: async (world: World) => {
      const one = model(world, w);
      if (one.messages.length > 0) await one.run(new CommandBuilder('FETCH').raw('1:* (UID FLAGS)'), { expunges: false });
    },
  })),
  fc.record({ who, place }).map(({ who: w, place: p }) => ({
    text: `${w} fetch body ${p}`,
    run: async (world: World) => {
      const numbers = pick(model(world, w), p, 2);
      if (numbers) await model(world, w).run(new CommandBuilder('FETCH').set(numbers).raw('(UID FLAGS BODY[TEXT])'), { expunges: false });
    },
  })),
  fc.record({ who }).map(({ who: w }) => ({
    text: `${w} search`,
    run: async (world: World) => void (await model(world, w).run(new CommandBuilder('SEARCH').raw('UNSEEN'), { expunges: false })),
  })),
  fc.record({ who }).map(({ who: w }) => ({
    text: `${w} idle`,
    run: async (world: World) => {
      const one = model(world, w);
      const tag = one.client.session.send(new CommandBuilder('IDLE'));
      await one.listen();
      await world.server.deliver(world.mailbox, ['Subject: idle\r\n\r\nx\r\n']);
      one.client.session.sendLine('DONE');
      await one.listen();
      expect(tag).toBeDefined();
    },
  })),
);

async function check(world: World): Promise<void> {
  for (const one of world.models) {
    await one.run(new CommandBuilder('NOOP'));
    if (one.messages.length > 0) await one.run(new CommandBuilder('FETCH').raw('1:* UID'), { expunges: false });
    await one.run(new CommandBuilder('NOOP'));
    const index = await world.server.account.openMailbox(world.mailboxId);
    expect(
      one.messages.map(({ uid }) => uid),
      `${one.name}: uids`,
    ).toEqual([...(index?.uids ?? [])]);
    for (const [i, message] of one.messages.entries()) {
      if (message.flags === undefined) continue;
      const set = await world.server.account.flagSet(index?.flagSetIds[i] ?? 0);
      expect(message.flags, `${one.name}: flags of ${message.uid}`).toBe(set?.flags.toSorted().join(' '));
    }
  }
}

describe('several clients of one mailbox', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  it('RFC 9051 §7.5.1: whatever they do and in whatever order, each one knows what is there', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(actions, { minLength: 5, maxLength: 30 }), async (steps) => {
        const mailbox = `Round${++round}`;
        const made = await server.account.createMailbox(mailbox);
        if (!made.ok) throw new Error(made.problem);
        await server.deliver(
          mailbox,
          Array.from({ length: 6 }, (_, i) => `Subject: ${i}\r\n\r\nx\r\n`),
        );
        const models: Model[] = [];
        for (const name of ['plain', 'condstore', 'qresync']) {
          const one = new Model(await server.client(), name);
          if (name === 'qresync') await one.run(new CommandBuilder('ENABLE').raw('QRESYNC IMAP4rev2'));
          const select = new CommandBuilder('SELECT').mailbox(mailbox);
          await one.run(name === 'condstore' ? select.raw('(CONDSTORE)') : select);
          models.push(one);
        }
        const world: World = { server, mailbox, mailboxId: made.mailbox.id, models };
        for (const one of models) await one.run(new CommandBuilder('FETCH').raw('1:* (UID FLAGS)'), { expunges: false });
        for (const step of steps) await step.run(world);
        await check(world);
        for (const one of models) await one.client.connection.close();
      }),
      { numRuns: 40, endOnFailure: false },
    );
  }, 60_000);
});
