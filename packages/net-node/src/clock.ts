import type { Clock } from '@mox/runtime';

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };
