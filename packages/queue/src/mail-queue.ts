import type { DeliveryAttempt, RecipientOutcome } from '@mox/outbound';
import type { Trace } from '@mox/runtime';
import { formatReplyLine, type SmtpEnvelopeRecipient } from '@mox/smtp';
import type { Decision, NewQueued, QueuedMessage } from '@mox/store';
import { judgeOutcomes } from './judge.ts';
import { isUnreachable, NextHops } from './next-hops.ts';
import { defaultQueueLimits, nodeTimers, type QueueLimits, type QueueOptions } from './options.ts';
import { formatQueuedParameters, parseQueuedParameters, type QueuedParameters } from './queued-parameters.ts';
import { decideTelling, makeReport, type Telling } from './report.ts';
import { defaultRetrySchedule, giveUpAt, nextLookAt, type RetrySchedule, retryDelay } from './schedule.ts';
import { type OutgoingSubmission, QueueError, rowsOf } from './submission.ts';

/** The time of a message that is held or set aside: the last that a date can be. */
const never = 8_640_000_000_000_000;
const faultPauseMs = 60_000;

interface Work {
  readonly row: QueuedMessage;
  readonly parameters: QueuedParameters;
  readonly abort: AbortController;
}

/** Mail waiting to go out: see `createQueue`. */
export class MailQueue {
  readonly #options: QueueOptions;
  readonly #schedule: RetrySchedule;
  readonly #limits: QueueLimits;
  readonly #hops: NextHops;
  /** Messages that are worked on, with what calls it off. */
  readonly #working = new Map<string, AbortController>();
  readonly #ended = new Set<() => void>();
  #running = false;
  #turn: Promise<void> | undefined;
  #again = false;
  #cancelTimer: () => void = () => {};
  /** Nothing begins before: this machine had a fault. */
  #pausedUntil = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#schedule = { ...defaultRetrySchedule, ...options.schedule };
    this.#limits = { ...defaultQueueLimits, ...options.limits };
    this.#hops = new NextHops(this.#limits.nextHops);
  }

  /** Queues a message; durable when it resolves, with the ids of its rows. Throws `QueueError` for what cannot be sent to. */
  async submit(submission: OutgoingSubmission): Promise<readonly string[]> {
    const { recipients } = submission.envelope;
    const { recipientsPerMessage, recipientsPerTransaction } = this.#limits;
    if (recipients.length === 0) throw new QueueError('no-recipients', 'there are no recipients');
    if (recipients.length > recipientsPerMessage) {
      throw new QueueError('too-many-recipients', `more than ${recipientsPerMessage} recipients`);
    }
    const rows = rowsOf(submission, { now: this.#options.clock.now(), recipientsPerTransaction });
    const ids = await this.#options.store.queue.enqueue(rows);
    this.#wake();
    return ids;
  }

  /** Begins to deliver what is due. */
  start(): void {
    this.#running = true;
    this.#wake();
  }

  /** Begins nothing new; attempts may end within the grace, then they are called off. What was not finished is due again after a restart. */
  async stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#running = false;
    this.#cancelTimer();
    const timers = this.#options.timers ?? nodeTimers;
    const cancel = timers.after(options.graceMs ?? 10_000, () => {
      for (const abort of this.#working.values()) abort.abort();
    });
    await this.#turn;
    while (this.#working.size > 0) await this.#oneEnded();
    cancel();
  }

  /** Resolves when no attempt is under way and none is due. */
  async idle(): Promise<void> {
    while (this.#turn || this.#working.size > 0) await (this.#turn ?? this.#oneEnded());
  }

  /** Queued messages in the order they came. */
  list(options: { readonly limit?: number; readonly afterId?: string } = {}): Promise<readonly QueuedMessage[]> {
    return this.#options.store.queue.list(options);
  }

  /** Tries a message now, whatever is known of its next hop. False where there is none, it is held, or it is being tried. */
  async retry(id: string): Promise<boolean> {
    return this.#operate(id, async (_row, parameters) => {
      if (!parameters || parameters.held) return false;
      this.#hops.reached(parameters.nextHop);
      await this.#options.store.queue.apply({ change: [{ id, nextAttemptAt: this.#options.clock.now() }] });
      return true;
    });
  }

  /** Keeps a message from being tried until `release`. False where there is none, or it is being tried. */
  hold(id: string): Promise<boolean> {
    return this.#setHeld(id, true);
  }

  /** Lets a held message be tried, now. False where there is none. */
  release(id: string): Promise<boolean> {
    return this.#setHeld(id, false);
  }

  /** Takes a message out without a report. False where there is none, or it is being tried. */
  async drop(id: string): Promise<boolean> {
    return this.#operate(id, async (row, parameters) => {
      await this.#options.store.queue.remove(id);
      this.#options.logger.warn('queued message dropped', { queue: id, transaction: parameters?.transactionId, sender: row.sender });
      return true;
    });
  }

  #setHeld(id: string, held: boolean): Promise<boolean> {
    return this.#operate(id, async (_row, parameters) => {
      if (!parameters) return false;
      const change = {
        id,
        nextAttemptAt: held ? never : this.#options.clock.now(),
        parameters: formatQueuedParameters({ ...parameters, held }),
      };
      await this.#options.store.queue.apply({ change: [change] });
      return true;
    });
  }

  /** Works on a message that nobody else works on meanwhile. */
  async #operate(id: string, run: (row: QueuedMessage, parameters: QueuedParameters | undefined) => Promise<boolean>): Promise<boolean> {
    if (this.#working.has(id)) return false;
    this.#working.set(id, new AbortController());
    try {
      const row = await this.#options.store.queue.get(id);
      return row ? await run(row, parseQueuedParameters(row.parameters)) : false;
    } finally {
      this.#end(id);
    }
  }

  #oneEnded(): Promise<void> {
    return new Promise((resolve) => this.#ended.add(resolve));
  }

  #end(id: string): void {
    this.#working.delete(id);
    for (const resolve of this.#ended) resolve();
    this.#ended.clear();
    this.#wake();
  }

  /** Sees to it that there is a turn. */
  #wake(): void {
    this.#again = true;
    if (this.#turn || !this.#running) return;
    this.#turn = this.#takeTurns()
      .catch((error: unknown) => this.#fault('the queue cannot be read', error))
      .finally(() => {
        this.#turn = undefined;
        if (this.#again && this.#running) this.#wake();
      });
  }

  async #takeTurns(): Promise<void> {
    while (this.#again && this.#running) {
      this.#again = false;
      this.#cancelTimer();
      const paused = this.#options.clock.now() < this.#pausedUntil;
      if (!paused && this.#working.size < this.#limits.attempts) await this.#beginDue();
    }
    if (this.#running) await this.#setTimer();
  }

  async #setTimer(): Promise<void> {
    const now = this.#options.clock.now();
    const paused = now < this.#pausedUntil;
    const at = paused ? this.#pausedUntil : await this.#options.store.queue.nextDue({ after: now });
    if (at === undefined || at >= never || this.#again || !this.#running) return;
    this.#cancelTimer();
    this.#cancelTimer = (this.#options.timers ?? nodeTimers).after(at - now, () => this.#wake());
  }

  #fault(message: string, error: unknown): void {
    this.#options.logger.error(message, { problem: error instanceof Error ? error.message : String(error) });
    // Not at once: what cannot be written down, e.g. on a full disk, would be delivered again and again.
    this.#pausedUntil = this.#options.clock.now() + faultPauseMs;
    this.#cancelTimer();
    this.#cancelTimer = (this.#options.timers ?? nodeTimers).after(faultPauseMs, () => this.#wake());
  }

  /** Looks at what is due, a sender's message after another's, and begins what may begin. */
  async #beginDue(): Promise<void> {
    const { store, clock } = this.#options;
    const due = await store.queue.due(clock.now(), this.#limits.rows + this.#working.size);
    const putOff: Promise<void>[] = [];
    for (const row of inTurns(due, ({ sender }) => sender)) {
      if (this.#working.has(row.id) || !this.#running) continue;
      const parameters = parseQueuedParameters(row.parameters);
      const work = parameters && { row, parameters, abort: new AbortController() };
      if (!work || row.recipients.length === 0) putOff.push(this.#setAside(row));
      else if (this.#hops.backOff(work.parameters.nextHop, clock.now())) putOff.push(this.#putOff(work));
      else if (this.#mayBegin(work)) this.#begin(work);
    }
    if (putOff.length === 0) return;
    await Promise.all(putOff);
    this.#again = true;
  }

  #mayBegin({ parameters: { nextHop } }: Work): boolean {
    return this.#working.size < this.#limits.attempts && this.#hops.mayBegin(nextHop, this.#limits.attemptsPerNextHop);
  }

  async #setAside(row: QueuedMessage): Promise<void> {
    this.#options.logger.error('a queued message cannot be read and is set aside', { queue: row.id });
    await this.#options.store.queue.apply({ change: [{ id: row.id, nextAttemptAt: never, lastProblem: 'set aside: it cannot be read' }] });
  }

  /** A message for a next hop that cannot be reached just now: not tried, but told of and given up on time. */
  async #putOff(work: Work): Promise<void> {
    const backOff = this.#hops.backOff(work.parameters.nextHop, this.#options.clock.now());
    if (!backOff) return;
    const { code, problem, until } = backOff;
    const outcomes = work.row.recipients.map((address): RecipientOutcome => ({ address, status: 'deferred', code, problem }));
    await this.#settle(work, { recipients: outcomes, tlsResults: [], trace: [] }, { wanted: until, attempts: work.row.attempts });
  }

  #begin(work: Work): void {
    const { row, parameters } = work;
    this.#working.set(row.id, work.abort);
    this.#hops.begin(parameters.nextHop);
    this.#attempt(work)
      .catch((error: unknown) => this.#fault('a queued message could not be settled', error))
      .finally(() => {
        this.#hops.end(parameters.nextHop);
        this.#end(row.id);
      });
  }

  async #attempt(work: Work): Promise<void> {
    const { clock, random, onTlsResults } = this.#options;
    const attempt = await this.#deliver(work);
    if (!attempt) return;
    const { nextHop } = work.parameters;
    if (attempt.tlsResults.length > 0) onTlsResults?.(nextHop, attempt.tlsResults);
    const [first] = attempt.recipients;
    const attempts = work.row.attempts + 1;
    if (first && isUnreachable(attempt.recipients)) {
      const failures = this.#hops.failures(nextHop) + 1;
      const until = clock.now() + retryDelay(this.#schedule, failures, random);
      this.#hops.unreachable(nextHop, { until, failures, code: first.code, problem: first.problem ?? 'no host can be reached' });
    } else if (attempt.recipients.some(({ reply, status }) => reply || status.startsWith('relayed'))) this.#hops.reached(nextHop);
    await this.#settle(work, attempt, { wanted: clock.now() + retryDelay(this.#schedule, attempts, random), attempts });
  }

  /** Makes the attempt; undefined where it was called off. */
  async #deliver({ row, parameters, abort }: Work): Promise<DeliveryAttempt | undefined> {
    const { deliver, deliverLocally } = this.#options;
    const { transactionId, nextHop, body, internationalized, requireTls, ret, envid, tlsNotRequired, report } = parameters;
    const content = (): Promise<AsyncIterable<Uint8Array>> => this.#content(row);
    const asked = askedOf(parameters);
    const recipients = row.recipients.map((address) => asked.get(address) ?? { address });
    try {
      const [recipient = ''] = row.recipients;
      if (report && (await deliverLocally({ recipient, transactionId, sizeBytes: row.sizeBytes, content }))) {
        const outcome = { address: recipient, status: 'relayed', code: { class: 2, subject: 1, detail: 5 } } as const;
        return { recipients: [outcome], tlsResults: [], trace: [{ step: 'local delivery of a report', outcome: 'delivered' }] };
      }
      const wanted = { body, internationalized, requireTls, ret, envid };
      const envelope = { sender: row.sender, recipients, sizeBytes: row.sizeBytes, ...withoutUndefined(wanted) };
      const message = { nextHop, envelope, sizeBytes: row.sizeBytes, content, ...(tlsNotRequired && { tlsNotRequired }) };
      return completed(row.recipients, await deliver(message, { signal: abort.signal }));
    } catch (error) {
      if (abort.signal.aborted) return undefined;
      const problem = error instanceof Error ? error.message : String(error);
      this.#options.logger.error('an attempt to deliver failed by a fault of this machine', { queue: row.id, problem });
      return completed(row.recipients, { recipients: [], tlsResults: [], trace: [{ step: 'deliver', outcome: 'fault', detail: problem }] });
    }
  }

  async #content(row: QueuedMessage): Promise<AsyncIterable<Uint8Array>> {
    const content = await this.#options.store.queue.readBlob(row.blobId);
    if (!content) throw new Error(`the content of ${row.id} is gone`);
    return content;
  }

  /** Writes down what an attempt led to, reports included, in one transaction. */
  async #settle(work: Work, attempt: DeliveryAttempt, next: { readonly wanted: number; readonly attempts: number }): Promise<void> {
    const { store, clock } = this.#options;
    const { row, parameters } = work;
    const { sender, queuedAt, id } = row;
    const now = clock.now();
    const judged = judgeOutcomes(
      this.#schedule,
      { sender, queuedAt, now, toldOfDelay: parameters.toldOfDelay === true },
      attempt.recipients,
    );
    const telling = decideTelling(sender, askedOf(parameters), judged.became);
    const nextAttemptAt = nextLookAt(this.#schedule, { sender, queuedAt, now, wanted: next.wanted });
    const problem = attempt.recipients.find(({ status }) => status === 'deferred')?.problem ?? '';
    const waits = judged.waiting.length > 0;
    const change = {
      ...{ id, recipients: judged.waiting, nextAttemptAt, attempts: next.attempts, lastProblem: problem },
      parameters: formatQueuedParameters({ ...parameters, ...(judged.toldOfDelay && { toldOfDelay: true }) }),
    };
    const report = telling.told.length > 0 ? await this.#report(work, telling) : undefined;
    await store.queue.apply({
      enqueue: report?.rows ?? [],
      ...(waits ? { change: [change] } : { remove: [id] }),
    });
    if (report) this.#again = true;
    await report?.release();
    const tried = next.attempts > row.attempts;
    if (tried || telling.trace.length > 0) {
      this.#record(work, { ...attempt, telling, waiting: judged.waiting, ...(waits && { nextAttemptAt }) });
    }
  }

  async #report({ row, parameters }: Work, telling: Telling): Promise<{ readonly rows: readonly NewQueued[]; release(): Promise<void> }> {
    const { store, clock, random, hostname } = this.#options;
    const { returnedBytes, recipientsPerTransaction } = this.#limits;
    const content = await store.queue.readBlob(row.blobId);
    const about = { row, parameters, asked: askedOf(parameters), content, willRetryUntil: giveUpAt(this.#schedule, row) };
    const made = await makeReport(telling, about, { clock, random, hostname, returnedBytes });
    const writer = store.writeBlob();
    await writer.write(made.bytes);
    const blob = await writer.finish();
    const submission: OutgoingSubmission & { readonly report: boolean } = {
      // RFC 3461 §6.1: the null reverse-path, no RET, and NOTIFY, where there is any, NEVER. RFC 8689 §5: protected as the message was.
      envelope: {
        sender: '',
        recipients: [{ address: row.sender, notify: 'NEVER' }],
        ...(made.eightBit && { body: '8BITMIME' }),
        ...(made.smtputf8 && { internationalized: true }),
        ...(parameters.requireTls && { requireTls: true }),
      },
      ...{ blob, transactionId: parameters.transactionId, messageId: made.messageId, report: true },
    };
    return { rows: rowsOf(submission, { now: clock.now(), recipientsPerTransaction }), release: () => blob.release() };
  }

  /** Keeps the story of an attempt, and tells the operator. */
  #record(
    { row, parameters }: Work,
    attempt: DeliveryAttempt & { readonly telling: Telling; readonly waiting: readonly string[]; readonly nextAttemptAt?: number },
  ): void {
    const { store, clock, logger } = this.#options;
    const { transactionId, messageId, nextHop } = parameters;
    const { recipients, telling, waiting, nextAttemptAt } = attempt;
    const deciding = recipients.find(({ status }) => !status.startsWith('relayed')) ?? recipients[0];
    const outcome: Decision['outcome'] =
      waiting.length > 0 ? 'deferred' : recipients.every(({ status }) => status.startsWith('relayed')) ? 'relayed' : 'failed';
    const follows = nextAttemptAt === undefined ? '' : `; next look at ${new Date(nextAttemptAt).toISOString()}`;
    const reason = `${deciding?.problem ?? `relayed to ${nextHop}`}${follows}`;
    const steps: Trace = [...attempt.trace, ...telling.trace];
    const names = { queue: row.id, transaction: transactionId, nextHop, sender: row.sender, reason };
    logger.info(`outgoing mail ${outcome}`, { ...names, recipients: recipients.length });
    if (telling.silent.length > 0) logger.warn('mail failed and its sender is not told', { ...names, recipients: telling.silent });
    const decision: Decision = {
      ...{ id: transactionId, queueId: row.id, at: clock.now(), direction: 'outbound', outcome, reason, checks: steps, deliveries: [] },
      session: { remoteAddress: deciding?.ip ?? '', localAddress: '', protocol: 'SMTP' },
      envelope: { sender: row.sender, recipients: row.recipients },
      message: { sizeBytes: row.sizeBytes, ...(messageId !== undefined && { messageId }) },
      reply: deciding?.reply ? formatReplyLine(deciding.reply) : '',
    };
    store.decisions.record(decision).catch((error: unknown) => logger.error('recording a decision failed', { problem: String(error) }));
  }
}

function askedOf({ asked = [] }: QueuedParameters): ReadonlyMap<string, SmtpEnvelopeRecipient> {
  return new Map(asked.map((one) => [one.address, one]));
}

function withoutUndefined<T extends object>(fields: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** An attempt that tells of every recipient: one that it forgot is tried again. */
function completed(addresses: readonly string[], attempt: DeliveryAttempt): DeliveryAttempt {
  const told = new Map(attempt.recipients.map((outcome) => [outcome.address, outcome]));
  const unknown = { status: 'deferred', code: { class: 4, subject: 3, detail: 0 }, problem: 'a fault of the sending system' } as const;
  return { ...attempt, recipients: addresses.map((address) => told.get(address) ?? { address, ...unknown }) };
}

/** One of each group in turn, in their order. */
export function* inTurns<T>(all: readonly T[], groupOf: (one: T) => string): Generator<T> {
  const groups = [...Map.groupBy(all, groupOf).values()];
  const longest = Math.max(0, ...groups.map(({ length }) => length));
  for (let i = 0; i < longest; i++) {
    for (const group of groups) {
      const one = group[i];
      if (one !== undefined) yield one;
    }
  }
}

/**
 * Makes a queue on a store. It delivers once `start` was called. What it does is at least once: a message that was being delivered when
 * the process was killed is delivered again.
 */
export function createQueue(options: QueueOptions): MailQueue {
  return new MailQueue(options);
}
