import type { RecipientOutcome } from '@mox/outbound';
import type { Told } from './report.ts';
import { giveUpAt, type RetrySchedule, type WaitingMessage } from './schedule.ts';

/** What follows from outcomes. */
export interface Judgement {
  /** Addresses that are tried again. */
  readonly waiting: readonly string[];
  /** What became of recipients that a report may tell of. */
  readonly became: readonly Told[];
  /** Those that wait are told of as delayed, or were before. */
  readonly toldOfDelay: boolean;
}

/** Judges outcomes by the time that a message has waited (RFC 5321 §4.5.4.1, RFC 3461 §5.2.5, RFC 3461 §5.2.6). */
export function judgeOutcomes(
  schedule: RetrySchedule,
  message: WaitingMessage & { readonly now: number; readonly toldOfDelay: boolean },
  outcomes: readonly RecipientOutcome[],
): Judgement {
  const { now, queuedAt, toldOfDelay } = message;
  const givenUp = now >= giveUpAt(schedule, message);
  const late = now >= queuedAt + schedule.tellDelayMs;
  const became = outcomes.flatMap((outcome): readonly Told[] => {
    if (outcome.status !== 'deferred') return [{ outcome, became: outcome.status }];
    if (givenUp) return [{ outcome, became: 'failed' }];
    return late && !toldOfDelay ? [{ outcome, became: 'delayed' }] : [];
  });
  const waiting = givenUp ? [] : outcomes.filter(({ status }) => status === 'deferred').map(({ address }) => address);
  return { waiting, became, toldOfDelay: toldOfDelay || late };
}
