import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

it.each([
  ['lcoalserve', 'localserve'],
  ['wyh', 'why'],
  ['acount list', 'account list'],
  ['local', 'localserve'],
  ['frobnicate', undefined],
  ['', undefined],
  ['x'.repeat(1000), undefined],
])('%s means %s', (word, meant) => {
  expect(nearest(word, ['localserve', 'why', 'account list', 'help', 'version'])).toBe(meant);
});
