import { ManualClock, Secret, systemRandom } from '@mox/runtime';
import { expect, it } from 'vitest';
import { VerifiedPasswords } from './verified-passwords.ts';

it('knows a password for a while, and only with the hash it was verified against', () => {
  const clock = new ManualClock();
  const verified = new VerifiedPasswords(clock, systemRandom);
  expect(verified.knows(new Secret('p'), 'hash')).toBe(false);
  verified.remember(new Secret('p'), 'hash');
  expect(verified.knows(new Secret('p'), 'hash')).toBe(true);
  expect(verified.knows(new Secret('q'), 'hash')).toBe(false);
  expect(verified.knows(new Secret('p'), 'new hash')).toBe(false);
  clock.advance(601_000);
  expect(verified.knows(new Secret('p'), 'hash')).toBe(false);
});

it('remembers a bounded number', () => {
  const verified = new VerifiedPasswords(new ManualClock(), systemRandom);
  for (let i = 0; i <= 10_000; i++) verified.remember(new Secret('p'), `hash ${i}`);
  expect(verified.knows(new Secret('p'), 'hash 0')).toBe(false);
  expect(verified.knows(new Secret('p'), 'hash 10000')).toBe(true);
});
