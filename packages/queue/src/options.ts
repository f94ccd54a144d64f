import type { Deliver } from '@mox/outbound';
import type { Clock, Logger, Random } from '@mox/runtime';
import type { Store } from '@mox/store';
import type { RetrySchedule } from './schedule.ts';

/** One-shot timers. */
export interface QueueTimers {
  /** Calls back once after a time; gives the function that calls it off. */
  after(delayMs: number, run: () => void): () => void;
}

/** Bounds of a queue. */
export interface QueueLimits {
  /** Attempts at the same time. */
  readonly attempts: number;
  readonly attemptsPerNextHop: number;
  readonly recipientsPerMessage: number;
  /** RFC 5321 §4.5.3.1.8: a server takes at least 100. */
  readonly recipientsPerTransaction: number;
  /** Rows held in memory. */
  readonly rows: number;
  /** Next hops that are remembered as unreachable. */
  readonly nextHops: number;
  /** Largest message that a report gives back whole (RFC 3461 §6.2). */
  readonly returnedBytes: number;
}

/** Bounds where nothing else is said. */
export const defaultQueueLimits: QueueLimits = {
  attempts: 100,
  attemptsPerNextHop: 5,
  recipientsPerMessage: 10_000,
  recipientsPerTransaction: 100,
  rows: 1000,
  nextHops: 10_000,
  returnedBytes: 100_000,
};

/** A report about a message, for somebody who may have an account here. */
export interface LocalReport {
  readonly recipient: string;
  /** The transaction that the report is about. */
  readonly transactionId: string;
  readonly sizeBytes: number;
  content(): Promise<AsyncIterable<Uint8Array>>;
}

/** What a queue needs. */
export interface QueueOptions {
  readonly store: Pick<Store, 'queue' | 'decisions' | 'writeBlob'>;
  readonly deliver: Deliver;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Name of this host: in reports and their Message-IDs. */
  readonly hostname: string;
  /** Puts a report into an account, durably, with the null return path: true. False where the address has none here. Rejects for faults. */
  readonly deliverLocally: (report: LocalReport) => Promise<boolean>;
  /** Those of Node unless told. */
  readonly timers?: QueueTimers;
  readonly schedule?: Partial<RetrySchedule>;
  readonly limits?: Partial<QueueLimits>;
  /** Gets the TLS sessions of every attempt (RFC 8460 §4). */
  readonly onTlsResults?: (nextHop: string, results: Awaited<ReturnType<Deliver>>['tlsResults']) => void;
}

/** `setTimeout` takes no longer time. */
const longestTimer = 2 ** 31 - 1;

/** Timers of Node, which do not keep a program running. */
export const nodeTimers: QueueTimers = {
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(longestTimer, Math.max(0, delayMs)));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
