import type { Random } from '@mox/runtime';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** When a message is tried again, and for how long (RFC 5321 §4.5.4.1). Times are in milliseconds. */
export interface RetrySchedule {
  /** Between the first attempt and the second. */
  readonly firstRetryMs: number;
  /** Between the second attempt and the third; from there on it doubles. */
  readonly retryMs: number;
  /** No time between two attempts is longer, but for jitter. */
  readonly mostRetryMs: number;
  /** How much a time may be stretched, so that what failed together is not tried together: 0.2 is by a fifth. */
  readonly jitter: number;
  readonly giveUpMs: number;
  /** The same for reports and other mail with the null reverse-path. */
  readonly giveUpReportMs: number;
  /** When the sender is told, once, that a message is delayed. */
  readonly tellDelayMs: number;
}

/** The schedule where nothing else is said: two attempts within the hour, then up to three hours apart, for five days. */
export const defaultRetrySchedule: RetrySchedule = {
  firstRetryMs: 5 * minute,
  retryMs: 30 * minute,
  mostRetryMs: 3 * hour,
  jitter: 0.2,
  giveUpMs: 5 * day,
  giveUpReportMs: 2 * day,
  tellDelayMs: 4 * hour,
};

/** A number from 0 up to 1. */
function fraction(random: Random): number {
  const [high = 0, low = 0] = random.bytes(2);
  return (high * 256 + low) / 65_536;
}

/** How long to wait after so many attempts failed, jitter included (RFC 5321 §4.5.4.1). */
export function retryDelay(schedule: RetrySchedule, attempts: number, random: Random): number {
  const { firstRetryMs, retryMs, mostRetryMs, jitter } = schedule;
  const delay = attempts <= 1 ? firstRetryMs : Math.min(mostRetryMs, retryMs * 2 ** Math.min(attempts - 2, 30));
  return Math.round(delay * (1 + jitter * fraction(random)));
}

/** How a message that waits stands in time. */
export interface WaitingMessage {
  readonly sender: string;
  readonly queuedAt: number;
}

/** When a message is given up that was not delivered by then (RFC 5321 §4.5.4.1). */
export function giveUpAt(schedule: RetrySchedule, { sender, queuedAt }: WaitingMessage): number {
  return queuedAt + (sender === '' ? schedule.giveUpReportMs : schedule.giveUpMs);
}

/**
 * The time of the next look at a message: as wanted, but no later than when the sender is to be told of the delay and when it is given up,
 * so that both happen on time.
 */
export function nextLookAt(schedule: RetrySchedule, message: WaitingMessage & { readonly now: number; readonly wanted: number }): number {
  const { queuedAt, now, wanted } = message;
  const marks = [queuedAt + schedule.tellDelayMs, giveUpAt(schedule, message)].filter((mark) => mark > now);
  return Math.min(wanted, ...marks);
}
