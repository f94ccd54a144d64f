import { expect, it } from 'vitest';
import { present } from './present.ts';

it('leaves out what is undefined, and nothing else', () => {
  expect(Object.entries(present({ a: undefined, b: null, c: 0, d: '', e: false }))).toEqual([
    ['b', null],
    ['c', 0],
    ['d', ''],
    ['e', false],
  ]);
});
