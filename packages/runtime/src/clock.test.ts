import { expect, it } from 'vitest';
import { ManualClock } from './clock.ts';
import { silentLogger } from './log.ts';

it('a manual clock stands still until it is moved', () => {
  const clock = new ManualClock(1000);
  expect([clock.now(), clock.now()]).toEqual([1000, 1000]);
  expect([clock.advance(500), clock.now()]).toEqual([1500, 1500]);
  expect(new ManualClock().now()).toBe(0);
});

it('a silent logger takes every level and says nothing', () => {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) expect(silentLogger[level]('x', { a: 1 })).toBeUndefined();
});
