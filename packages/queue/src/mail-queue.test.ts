// The queue on the real store, with deliveries that follow a script, and a clock that stands still.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDsn } from '@mox/dsn';
import type { OutgoingMessage, RecipientOutcome } from '@mox/outbound';
import { concatBytes, fromUtf8, ManualClock, silentLogger, systemRandom } from '@mox/runtime';
import type { DsnNotify, SmtpEnvelopeRecipient } from '@mox/smtp';
import { openStore, type Store } from '@mox/store';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQueue, type MailQueue } from './index.ts';

type Say = (message: OutgoingMessage, address: string) => Omit<RecipientOutcome, 'address'>;

const hour = 3_600_000;
const sender = 'jane@example.org';
const original = fromUtf8(`From: ${sender}\r\nSubject: Lunch\r\nMessage-ID: <1@example.org>\r\n\r\nAt noon.\r\n`);
const relayed = { status: 'relayed', code: { class: 2, subject: 0, detail: 0 } } as const;
const without = { ...relayed, status: 'relayed-without-dsn' } as const;
const dead = { status: 'deferred', code: { class: 4, subject: 4, detail: 1 }, problem: 'no answer from mx.example.com' } as const;
const busy = {
  status: 'deferred',
  code: { class: 4, subject: 2, detail: 1 },
  problem: 'greylisted',
  host: 'mx.example.com',
  reply: { code: 450, enhanced: '4.2.1', text: 'later' },
} as const;
const refused = {
  status: 'failed',
  code: { class: 5, subject: 1, detail: 1 },
  problem: 'no such user',
  host: 'mx.example.com',
  reply: { code: 550, enhanced: '5.1.1', text: 'No such user' },
} as const;

let directory = '';
let store: Store;
let clock: ManualClock;
let say: Say;
let attempts: string[] = [];
let reports: Uint8Array[] = [];
let queue: MailQueue;

function newQueue(used: Pick<Store, 'queue' | 'decisions' | 'writeBlob'> = store): MailQueue {
  return createQueue({
    ...{ store: used, clock, random: systemRandom, logger: silentLogger, hostname: 'mx.example.org' },
    deliver: async (message) => {
      attempts.push(`${message.nextHop} ${message.envelope.sender}`);
      const recipients = message.envelope.recipients.map(({ address }) => ({ address, ...say(message, address) }));
      return { recipients, tlsResults: [], trace: [{ step: 'host', outcome: 'tried' }] };
    },
    deliverLocally: async ({ recipient, content }) => {
      if (recipient !== sender) return false;
      const pieces: Uint8Array[] = [];
      for await (const piece of await content()) pieces.push(piece);
      reports.push(concatBytes(pieces));
      return true;
    },
    timers: { after: () => () => {} },
    schedule: { jitter: 0 },
  });
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mox-queue-'));
  clock = new ManualClock(Date.UTC(2026, 10, 24));
  store = await openStore({ directory, clock, workers: 1 });
  attempts = [];
  reports = [];
  say = () => relayed;
  queue = newQueue();
});

afterEach(async () => {
  await queue.stop({ graceMs: 0 });
  await store.close();
  rmSync(directory, { recursive: true });
});

async function submit(
  recipients: readonly (string | SmtpEnvelopeRecipient)[],
  more: { sender?: string; ret?: 'FULL' } = {},
): Promise<readonly string[]> {
  const writer = store.writeBlob();
  await writer.write(original);
  const blob = await writer.finish();
  const envelope = {
    ...{ sender, envid: 'QQ314159', ...more },
    recipients: recipients.map((one) => (typeof one === 'string' ? { address: one } : one)),
  };
  const ids = await queue.submit({ envelope, blob, transactionId: 't1', messageId: '<1@example.org>' });
  await blob.release();
  return ids;
}

/** Lets the queue do what is due, then moves the clock to what is due next; until there is nothing, or for so many steps. */
async function run(steps: number = 300): Promise<void> {
  for (let i = 0; i < steps; i++) {
    queue.start();
    await queue.idle();
    const next = await store.queue.nextDue();
    if (next === undefined || next > Date.UTC(2100, 0)) return;
    clock.advance(Math.max(0, next - clock.now()));
  }
}

function told(): readonly (readonly [string, string])[] {
  return reports.flatMap((report) =>
    (parseDsn(report)?.status.recipients ?? []).map(({ action, finalRecipient }) => [action, finalRecipient.address] as const),
  );
}

describe('submit', () => {
  it('RFC 5321 §4.5.4.1: one row for each next hop, at most 100 recipients in each, each recipient once', async () => {
    const many = Array.from({ length: 150 }, (_, i) => `u${i}@b\u00fccher.example`);
    const ids = await submit([...many, 'u0@b\u00fccher.example', 'x@[192.0.2.1]', 'y@EXAMPLE.com', 'z@example.com']);
    const rows = await queue.list();
    expect(rows.map(({ id }) => id)).toEqual(ids);
    expect(rows.map(({ recipients }) => recipients.length)).toEqual([100, 50, 1, 2]);
    await run();
    expect(attempts.toSorted()).toEqual(
      ['[192.0.2.1]', 'example.com', 'xn--bcher-kva.example', 'xn--bcher-kva.example'].map((hop) => `${hop} ${sender}`),
    );
    expect(await queue.list()).toEqual([]);
  });

  it.each([
    ['bad-address', ['nobody']],
    ['no-recipients', []],
    ['too-many-recipients', Array.from({ length: 10_001 }, (_, i) => `${i}@example.com`)],
  ])('%s is refused', async (code, recipients) => {
    await expect(submit(recipients)).rejects.toMatchObject({ code });
    expect(await queue.list()).toEqual([]);
  });
});

describe('reports', () => {
  it('RFC 3461 §6.3: what failed is told with ENVID, ORCPT, reply and host, in one report for all recipients', async () => {
    say = (_, address) => (address.startsWith('ok') ? relayed : refused);
    const originalRecipient = { type: 'rfc822', address: 'Lunch@example.com' };
    await submit([{ address: 'a@example.com', originalRecipient }, 'b@example.com', 'ok@example.com'], { ret: 'FULL' });
    await run();
    expect(reports.length).toBe(1);
    const dsn = parseDsn(reports[0] ?? new Uint8Array(0));
    expect(dsn).toMatchObject({
      defects: [],
      status: {
        originalEnvelopeId: 'QQ314159',
        reportingMta: { name: 'mx.example.org' },
        recipients: [
          {
            originalRecipient,
            action: 'failed',
            remoteMta: { name: 'mx.example.com' },
            diagnosticCode: { text: '550 5.1.1 No such user' },
          },
          { finalRecipient: { address: 'b@example.com' }, action: 'failed', status: { class: 5, subject: 1, detail: 1 } },
        ],
      },
    });
    expect(dsn?.original).toEqual(original);
  });

  it('RFC 3461 §5.2.5, RFC 5321 §4.5.4.1: told of the delay once after four hours, given up after five days', async () => {
    const begun = clock.now();
    say = () => busy;
    await submit(['a@example.com']);
    for (let i = 0; i < 300 && reports.length === 0; i++) await run(1);
    const [delayed] = parseDsn(reports[0] ?? new Uint8Array(0))?.status.recipients ?? [];
    expect(delayed).toMatchObject({ lastAttemptAt: begun + 4 * hour, willRetryUntil: begun + 120 * hour });
    await run();
    expect(clock.now() - begun).toBe(120 * hour);
    expect(told()).toEqual([
      ['delayed', 'a@example.com'],
      ['failed', 'a@example.com'],
    ]);
    // RFC 5321 §4.5.4.1: two attempts in the first hour, then some three hours apart.
    expect(attempts.length).toBeGreaterThan(35);
    expect(attempts.length).toBeLessThan(50);
  });

  it('RFC 5321 §4.5.4: nothing is reported of a report, or of mail with the null reverse-path', async () => {
    say = () => refused;
    await submit(['a@example.com'], { sender: '' });
    await submit(['b@example.com'], { sender: 'joe@elsewhere.example' });
    await run();
    expect(reports).toEqual([]);
    expect(attempts).toEqual(['example.com ', 'example.com joe@elsewhere.example', 'elsewhere.example ']);
    expect(await queue.list()).toEqual([]);
  });

  it('RFC 3461 §5.2: whatever happens, everybody is delivered to or told of as NOTIFY wants, and the queue is empty', async () => {
    const notifies: readonly (DsnNotify | undefined)[] = [undefined, 'NEVER', ['SUCCESS'], ['FAILURE'], ['DELAY', 'SUCCESS', 'FAILURE']];
    const script = fc.array(fc.constantFrom(relayed, without, dead, busy, refused), { minLength: 1, maxLength: 4 });
    const recipient = fc.record({ notify: fc.constantFrom(...notifies), script });
    await fc.assert(
      fc.asyncProperty(fc.array(recipient, { minLength: 1, maxLength: 4 }), async (recipients) => {
        reports = [];
        const tried = new Map<string, number>();
        const last = new Map<string, string>();
        say = (_, address) => {
          const { script: outcomes = [] } = recipients[Number(address.slice(1, 2))] ?? {};
          const times = tried.get(address) ?? 0;
          tried.set(address, times + 1);
          const outcome = outcomes[Math.min(times, outcomes.length - 1)] ?? relayed;
          last.set(address, outcome.status);
          return outcome;
        };
        const addresses = recipients.map((_, i) => `r${i}@d${i % 2}.example`);
        await submit(recipients.map(({ notify }, i) => ({ address: addresses[i] ?? '', ...(notify && { notify }) })));
        await run();
        expect(await queue.list()).toEqual([]);
        const ends = told().filter(([action]) => action !== 'delayed');
        const expected = recipients.flatMap(({ notify }, i) => {
          const status = last.get(addresses[i] ?? '');
          const failed = status === 'failed' || status === 'deferred';
          const action = failed ? 'failed' : 'relayed';
          const wants = failed
            ? notify === undefined || notify.includes('FAILURE')
            : status === 'relayed-without-dsn' && notify !== undefined && notify.includes('SUCCESS');
          return wants ? [[action, addresses[i]]] : [];
        });
        expect(new Set(ends.map(String))).toEqual(new Set(expected.map(String)));
        expect(ends.length).toBe(expected.length);
      }),
      { numRuns: 15 },
    );
  }, 120_000);
});

describe('next hops', () => {
  it('RFC 5321 §4.5.4.1: a host that cannot be reached is not tried for each message, and holds up nobody else', async () => {
    say = ({ nextHop }) => (nextHop === 'dead.example' ? dead : relayed);
    for (let i = 0; i < 20; i++) await submit([`a${i}@dead.example`]);
    await submit(['b@example.com']);
    await run(1);
    expect(attempts.filter((attempt) => attempt.startsWith('dead')).length).toBeLessThanOrEqual(5);
    expect(attempts).toContain(`example.com ${sender}`);
    const rows = await queue.list();
    expect(rows.map(({ lastProblem }) => lastProblem)).toEqual(rows.map(() => dead.problem));
    expect(rows.length).toBe(20);
    const before = attempts.length;
    await run(1);
    expect(attempts.length - before).toBeLessThanOrEqual(1);
  });
});

describe('operators', () => {
  it('a held message waits until it is released, one that is dropped is gone, one is tried now', async () => {
    say = () => busy;
    const [one = '', two = '', three = ''] = [
      ...(await submit(['a@a.example'])),
      ...(await submit(['b@b.example'])),
      ...(await submit(['c@c.example'])),
    ];
    expect([await queue.hold(one), await queue.drop(two), await queue.drop(two), await queue.retry(one)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    queue.start();
    await queue.idle();
    expect(attempts).toEqual([`c.example ${sender}`]);
    say = () => relayed;
    expect([await queue.release(one), await queue.retry(three)]).toEqual([true, true]);
    await queue.idle();
    expect(await queue.list()).toEqual([]);
  });

  it('a row that nobody can read is set aside, and the others go on', async () => {
    const writer = store.writeBlob();
    const blob = await writer.finish();
    const [id] = await store.queue.enqueue([
      { sender, recipients: ['a@example.com'], blob, nextAttemptAt: 0, parameters: { version: '9' } },
    ]);
    await submit(['b@example.com']);
    await run();
    expect((await queue.list()).map((row) => [row.id, row.lastProblem])).toEqual([[id, 'set aside: it cannot be read']]);
    expect(attempts.length).toBe(1);
  });

  it('the story of a message is found by transaction, queue id and address', async () => {
    say = () => refused;
    const [id = ''] = await submit(['a@example.com']);
    await run();
    for (const text of [id, 't1', 'a@example.com', '1@example.org']) {
      const [decision] = (await store.decisions.find({ text })).filter(({ queueId }) => queueId === id);
      expect(decision).toMatchObject({ direction: 'outbound', outcome: 'failed', reason: 'no such user', reply: '550 5.1.1 No such user' });
      expect(decision?.checks.map(({ step }) => step)).toEqual(['host', 'delivery status notification']);
    }
  });

  it('what was delivered and could not be written down is not delivered again at once', async () => {
    let full = true;
    const failing = new Proxy(store.queue, {
      get: (target, name: keyof Store['queue']) =>
        name === 'apply' && full ? () => Promise.reject(new Error('the disk is full')) : target[name].bind(target),
    });
    queue = newQueue({ queue: failing, decisions: store.decisions, writeBlob: () => store.writeBlob() });
    await submit(['a@example.com']);
    await run(1);
    expect(attempts.length).toBe(1);
    full = false;
    clock.advance(60_000);
    await run();
    expect(attempts.length).toBe(2);
    expect(await queue.list()).toEqual([]);
  });

  it('what was not finished goes on after a restart', async () => {
    say = () => busy;
    await submit(['a@example.com']);
    await run(1);
    await queue.stop();
    await store.close();
    store = await openStore({ directory, clock, workers: 1 });
    queue = newQueue();
    say = () => relayed;
    await run();
    expect(attempts.length).toBe(2);
    expect(await queue.list()).toEqual([]);
  });
});
