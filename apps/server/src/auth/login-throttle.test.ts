import { ManualClock } from '@mox/runtime';
import { expect, it } from 'vitest';
import { LoginThrottle } from './login-throttle.ts';

it('lets the first wrong logins pass, then makes an address wait, longer each time, up to a bound', () => {
  const throttle = new LoginThrottle(new ManualClock());
  const delays = Array.from({ length: 30 }, () => {
    throttle.failed('192.0.2.1');
    return throttle.delayMilliseconds('192.0.2.1');
  });
  expect(delays.slice(0, 8)).toEqual([0, 0, 0, 0, 0, 500, 1000, 2000]);
  expect(Math.max(...delays)).toBe(10_000);
  expect(throttle.delayMilliseconds('192.0.2.2')).toBe(0);
});

it('is mild on loopback', () => {
  const throttle = new LoginThrottle(new ManualClock());
  for (let i = 0; i < 100; i++) throttle.failed('127.0.0.1');
  expect(throttle.delayMilliseconds('127.0.0.1')).toBe(200);
});

it('forgives by a good login, and with time', () => {
  const clock = new ManualClock();
  const throttle = new LoginThrottle(clock);
  for (let i = 0; i < 10; i++) throttle.failed('192.0.2.1');
  throttle.succeeded('192.0.2.1');
  expect(throttle.delayMilliseconds('192.0.2.1')).toBe(0);
  for (let i = 0; i < 10; i++) throttle.failed('192.0.2.1');
  clock.advance(11 * 60_000);
  expect(throttle.delayMilliseconds('192.0.2.1')).toBe(0);
});

it('counts an IPv6 /64 as one, and remembers a bounded number of addresses', () => {
  const throttle = new LoginThrottle(new ManualClock());
  for (let i = 0; i < 10; i++) throttle.failed(`2001:db8::${i}`);
  expect(throttle.delayMilliseconds('2001:db8::ffff')).toBeGreaterThan(0);
  for (let i = 0; i < 10_000; i++) throttle.failed(`10.${i >> 8}.${i & 255}.1`);
  expect(throttle.delayMilliseconds('2001:db8::ffff')).toBe(0);
});
