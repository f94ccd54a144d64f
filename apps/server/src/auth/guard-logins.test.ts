import type { Connection, ServedSession } from '@mox/net-node';
import { type Logger, ManualClock, type Session, silentLogger } from '@mox/runtime';
import { expect, it } from 'vitest';
import { guardLogins } from './guard-logins.ts';
import { LoginThrottle } from './login-throttle.ts';

interface Event {
  readonly type: string;
}

function guarded(remoteAddress: string, signal: AbortSignal = new AbortController().signal) {
  const handled: string[] = [];
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
  const served: ServedSession<Event> = { session: {} as Session<Event>, handle: ({ type }) => void handled.push(type) };
  const throttle = new LoginThrottle(new ManualClock());
  const connection = { id: 'c', remoteAddress, signal } as Connection;
  return { served: guardLogins(connection, served, { throttle, logger, service: 'imap' }), handled, warnings, throttle };
}

it('passes on every event, in order, and makes nobody wait who did not fail', async () => {
  const { served, handled } = guarded('192.0.2.1');
  for (const type of ['hello', 'lookup', 'sasl-lookup', 'authenticated']) await served.handle({ type });
  expect(handled).toEqual(['hello', 'lookup', 'sasl-lookup', 'authenticated']);
});

it('makes an address wait that failed too often, says so in the log, and forgives a good login', async () => {
  const { served, warnings, throttle } = guarded('127.0.0.1');
  for (let i = 0; i < 10; i++) await served.handle({ type: 'authentication-failed' });
  expect(warnings).toContain('too many wrong logins: the next one waits');
  const started = performance.now();
  await served.handle({ type: 'lookup' });
  expect(performance.now() - started).toBeGreaterThan(150);
  await served.handle({ type: 'authenticated' });
  expect(throttle.delayMilliseconds('127.0.0.1')).toBe(0);
});

it('does not wait for a peer that is gone', async () => {
  const { served, handled } = guarded('192.0.2.1', AbortSignal.abort());
  for (let i = 0; i < 30; i++) await served.handle({ type: 'authentication-failed' });
  const started = performance.now();
  await served.handle({ type: 'lookup' });
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(handled.at(-1)).toBe('lookup');
});
