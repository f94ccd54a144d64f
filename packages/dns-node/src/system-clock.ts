import type { Clock } from '@mox/runtime';

/** The time of this machine. */
export const systemClock: Clock = { now: () => Date.now() };
