import { type Random, systemRandom } from '@mox/runtime';
import { expect, it } from 'vitest';
import { defaultRetrySchedule, giveUpAt, nextLookAt, retryDelay } from './schedule.ts';

const minute = 60_000;
const low: Random = { bytes: (count) => new Uint8Array(count) };

it.each([
  [1, 5],
  [2, 30],
  [3, 60],
  [4, 120],
  [5, 180],
  [1000, 180],
])('RFC 5321 §4.5.4.1: after %i attempts %i minutes', (attempts, minutes) => {
  expect(retryDelay(defaultRetrySchedule, attempts, low)).toBe(minutes * minute);
  const drawn = retryDelay(defaultRetrySchedule, attempts, systemRandom);
  expect(drawn).toBeGreaterThanOrEqual(minutes * minute);
  expect(drawn).toBeLessThanOrEqual(minutes * minute * 1.2);
});

it('RFC 5321 §4.5.4.1: five days, and less for reports', () => {
  expect(giveUpAt(defaultRetrySchedule, { sender: 'a@b', queuedAt: 0 })).toBe(5 * 1440 * minute);
  expect(giveUpAt(defaultRetrySchedule, { sender: '', queuedAt: 0 })).toBe(2 * 1440 * minute);
});

it.each([
  [0, 5, 5],
  [230, 400, 240],
  [240, 400, 400],
  [7100, 7300, 7200],
  [7200, 7300, 7300],
])('RFC 3461 §5.2.5: at %i minutes, %i wanted: %i', (now, wanted, expected) => {
  const message = { sender: 'a@b', queuedAt: 0, now: now * minute, wanted: wanted * minute };
  expect(nextLookAt(defaultRetrySchedule, message)).toBe(expected * minute);
});
