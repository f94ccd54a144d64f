import { type ExchangeResult, type Exchanger, SharedQueries } from '@mox/dns';
import type { WorkBudget } from './work-budget.ts';

/** What the work on one question goes by. */
export interface Asking {
  readonly signal?: AbortSignal;
  readonly budget: WorkBudget;
  /** Milliseconds since 1970 when the question came: one time for all signatures of its answer. */
  readonly now: number;
  readonly clockSkewSeconds: number;
}

/** Answers asked for beforehand that nobody has wanted yet, and how long they wait. */
const waitingLimit = 64;
const waitingMilliseconds = 5000;

interface Ahead {
  readonly answer: Promise<ExchangeResult>;
  readonly askedAt: number;
}

/** Questions to the resolver behind: equal ones in flight are one, and those that will be wanted can be sent beforehand. */
export class Exchanges {
  readonly #exchanger: Exchanger;
  readonly #shared = new SharedQueries();
  readonly #ahead = new Map<string, Ahead>();

  constructor(exchanger: Exchanger) {
    this.#exchanger = exchanger;
  }

  /** What the resolver behind has on a question. Rejects with the signal's reason alone. */
  async ask(name: string, type: string, asking: Asking): Promise<ExchangeResult> {
    if (!asking.budget.takeLookup()) return { status: 'servfail', problem: 'too many look-ups for one question' };
    const key = `${name} ${type}`;
    const ahead = this.#ahead.get(key);
    this.#ahead.delete(key);
    return this.#shared.run(key, asking.signal, async (signal) => {
      const isFresh = ahead !== undefined && Math.abs(asking.now - ahead.askedAt) < waitingMilliseconds;
      const answer = isFresh ? await ahead.answer : undefined;
      return answer?.status === 'message' && (answer.message.rcode === 0 || answer.message.rcode === 3)
        ? answer
        : this.#exchanger.exchange(name, type, { signal });
    });
  }

  /** Asks already what will be wanted soon. */
  askAhead(name: string, type: string, now: number): void {
    const key = `${name} ${type}`;
    const waiting = this.#ahead.get(key);
    if (waiting && Math.abs(now - waiting.askedAt) < waitingMilliseconds) return;
    this.#ahead.delete(key);
    for (const oldest of this.#ahead.keys()) {
      if (this.#ahead.size < waitingLimit) break;
      this.#ahead.delete(oldest);
    }
    const answer = this.#shared.run(key, undefined, (signal) => this.#exchanger.exchange(name, type, { signal }));
    // Whoever wants it sees how it ended; where nobody does, its end is nothing to anybody.
    answer.catch(() => {});
    this.#ahead.set(key, { answer, askedAt: now });
  }
}
